import { MillraceError } from "../core/errors/millrace-error.js";
import type { GraphStep } from "../core/graph.js";
import { nearestName } from "../core/nearest-name.js";

/** A call of `this.next`, checked against the graph. */
export type NextCall =
  | { readonly kind: "next"; readonly targets: readonly string[] }
  | {
      readonly kind: "foreach";
      readonly target: string;
      readonly items: Iterable<unknown> | AsyncIterable<unknown>;
      readonly label: ((item: unknown) => string) | undefined;
      readonly concurrency: number | undefined;
      readonly allowEmpty: boolean;
    };

const FOREACH_OPTIONS = ["foreach", "label", "concurrency", "allowEmpty"];

/**
 * Reads the arguments of `this.next(...)`.
 * @param nameOf The step that a function given to `next` is, if it is one.
 * @throws MillraceError `next-…`
 */
export function readNextCall(step: GraphStep, args: readonly unknown[], nameOf: (target: unknown) => string | undefined): NextCall {
  const last = args.at(-1);
  const options = typeof last === "object" && last !== null ? (last as Readonly<Record<string, unknown>>) : undefined;
  const given = options === undefined ? args : args.slice(0, -1);
  if (given.length === 0) throw new MillraceError("bad-next-call", { step: step.name, problem: "it names no step" });
  const targets = given.map((target) => targetName(step, target, nameOf));
  const call = options === undefined ? { kind: "next" as const, targets } : readForeach(step, targets, options);
  requireInGraph(step, call);
  return call;
}

function targetName(step: GraphStep, target: unknown, nameOf: (target: unknown) => string | undefined): string {
  const name = nameOf(target);
  if (name !== undefined) return name;
  throw new MillraceError("next-target-unknown", { step: step.name, target: describe(target) });
}

function readForeach(step: GraphStep, targets: readonly string[], options: Readonly<Record<string, unknown>>): NextCall {
  for (const name of Object.keys(options)) {
    if (FOREACH_OPTIONS.includes(name)) continue;
    const near = nearestName(name, FOREACH_OPTIONS);
    throw badCall(step, `it has no option ${name}${near === undefined ? "" : ` (did you mean ${near}?)`}`);
  }
  const [target, ...others] = targets;
  if (target === undefined || others.length > 0) throw badCall(step, `a foreach goes to one step, not to ${targets.join(" and ")}`);
  const { foreach, label, concurrency, allowEmpty } = options;
  if (typeof foreach === "string") throw new MillraceError("foreach-string", { step: step.name, value: describe(foreach) });
  if (!isItems(foreach)) throw new MillraceError("foreach-not-iterable", { step: step.name, value: describe(foreach) });
  if (label !== undefined && !isFunction(label)) throw badCall(step, `label is a function (item) => string, not ${describe(label)}`);
  if (concurrency !== undefined && !(Number.isInteger(concurrency) && Number(concurrency) > 0)) {
    throw badCall(step, `concurrency is a whole number from 1, not ${describe(concurrency)}`);
  }
  return {
    kind: "foreach",
    target,
    items: foreach,
    label: label === undefined ? undefined : labelWithIndex(label),
    concurrency: concurrency === undefined ? undefined : Number(concurrency),
    allowEmpty: allowEmpty === true,
  };
}

/** Items are labelled in their order. */
function labelWithIndex(label: (...args: unknown[]) => unknown): (item: unknown) => string {
  let index = 0;
  return (item) => String(label(item, index++));
}

function isItems(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
}

/** The graph was read from the source; a call that the source does not show cannot be followed. */
function requireInGraph(step: GraphStep, call: NextCall): void {
  const targets = call.kind === "next" ? call.targets : [call.target];
  const known =
    targets.every((target) => step.next.includes(target)) &&
    new Set(targets).size === targets.length &&
    (call.kind === "foreach") === (step.kind === "foreach") &&
    (step.kind === "split" ? targets.length === step.next.length : targets.length === 1);
  if (known) return;
  const transition = `this.next(${targets.map((target) => `this.${target}`).join(", ")}${call.kind === "foreach" ? ", { foreach }" : ""})`;
  throw new MillraceError("next-not-in-graph", {
    step: step.name,
    transition,
    graph: `${step.name} (${step.kind}) goes on to ${step.next.join(", ")}`,
  });
}

function badCall(step: GraphStep, problem: string): MillraceError {
  return new MillraceError("bad-next-call", { step: step.name, problem });
}

function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === "function";
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "function") return value.name === "" ? "a function" : `the function ${value.name}`;
  if (typeof value === "object" && value !== null) return `an object (${value.constructor?.name ?? "no class"})`;
  return String(value);
}
