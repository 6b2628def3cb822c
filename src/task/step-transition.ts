import { MillraceError } from "../core/errors/millrace-error.js";
import type { GraphStep } from "../core/graph.js";
import type { ItemsRef } from "../core/records.js";
import type { Transition } from "../core/transition.js";
import type { ArtifactWriter } from "../datastore/artifacts/artifact-writer.js";
import { writeItems } from "../datastore/artifacts/items-writer.js";
import type { ObjectStore } from "../store/object-store.js";
import { readNextCall, type NextCall } from "./next-call.js";
import type { StepGuard } from "./workplace.js";

/** Where the run goes on after a task. */
export interface StepEnd {
  readonly transition: Transition;
  /** Of a fan-out. */
  readonly items?: ItemsRef;
}

export interface StepTransitionOptions {
  readonly step: GraphStep;
  /** The step that a function given to `next` is, if it is one. */
  readonly nameOf: (target: unknown) => string | undefined;
  readonly store: ObjectStore;
  readonly guard: StepGuard;
  /** How many items a fan-out may have. */
  readonly maxNumSplits: number;
}

/** What a step says with `this.next`, and what comes of it when the step has ended. */
export class StepTransition {
  readonly #options: StepTransitionOptions;
  #call: NextCall | undefined;

  constructor(options: StepTransitionOptions) {
    this.#options = options;
  }

  /**
   * The step calls `this.next`.
   * @throws MillraceError `next-in-end`, `next-twice`, and those of `readNextCall`
   */
  next(args: readonly unknown[]): void {
    const { step, nameOf } = this.#options;
    if (step.name === "end") throw new MillraceError("next-in-end", { target: args.flatMap((arg) => nameOf(arg) ?? []).join(", ") });
    const call = readNextCall(step, args, nameOf);
    if (this.#call !== undefined) {
      throw new MillraceError("next-twice", { step: step.name, first: describeCall(this.#call), second: describeCall(call) });
    }
    this.#call = call;
  }

  /**
   * The step has ended: stores the items of a fan-out.
   * @throws MillraceError `next-missing`, `foreach-empty`, `foreach-too-wide`, and what the items' own code throws
   */
  async settle(writer: ArtifactWriter): Promise<StepEnd> {
    const { step } = this.#options;
    const call = this.#call;
    if (call?.kind === "foreach") return this.#fanOut(call, writer);
    if (call !== undefined) return { transition: { kind: "next", targets: call.targets } };
    if (step.name === "end") return { transition: { kind: "end" } };
    throw new MillraceError("next-missing", { step: step.name, choices: step.next }, { position: step.position });
  }

  async #fanOut(call: NextCall & { readonly kind: "foreach" }, writer: ArtifactWriter): Promise<StepEnd> {
    const { step, store, guard, maxNumSplits: max } = this.#options;
    const { target, label, concurrency } = call;
    const options = { limit: max + 1, ...(label !== undefined && { label }) };
    // A generator's items are the work of the user's code as much as the step is.
    const { items, count } = await guard.watch(() => writeItems(store, writer, call.items, options));
    if (count > max) throw new MillraceError("foreach-too-wide", { step: step.name, max, count: knownCount(call.items) });
    if (count === 0 && !call.allowEmpty) throw new MillraceError("foreach-empty", { step: step.name, target });
    return { transition: { kind: "foreach", target, count, ...(concurrency !== undefined && { concurrency }) }, items };
  }
}

/** How many items there are, where that is known without going over them. */
function knownCount(items: object): number | undefined {
  if (Array.isArray(items) || (ArrayBuffer.isView(items) && !(items instanceof DataView)))
    return "length" in items && typeof items.length === "number" ? items.length : undefined;
  return items instanceof Map || items instanceof Set ? items.size : undefined;
}

/** Where a step goes on whose failure was caught. */
export function caughtEnd({ next }: GraphStep): StepEnd {
  return { transition: next.length === 0 ? { kind: "end" } : { kind: "next", targets: next } };
}

function describeCall(call: NextCall): string {
  return call.kind === "next" ? call.targets.map((target) => `this.${target}`).join(", ") : `this.${call.target}, { foreach }`;
}
