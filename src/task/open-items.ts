import { MillraceError } from "../core/errors/millrace-error.js";
import type { ForeachFrame } from "../core/records.js";
import { parseTaskRef, type TaskRef } from "../core/task-ref.js";
import type { ForeachStackEntry } from "../flow/task-context.js";
import type { Item } from "../datastore/artifacts/items-reader.js";
import type { RunContext } from "./run-context.js";

/** The items of the fan-outs that a task stands in; each is read when it is first touched. */
export class OpenItems {
  readonly #context: RunContext;
  readonly #foreach: readonly ForeachFrame[];
  readonly #read = new Map<ForeachFrame, Item>();

  constructor(context: RunContext, foreach: readonly ForeachFrame[]) {
    this.#context = context;
    this.#foreach = foreach;
  }

  /** The item of the innermost fan-out; undefined outside of any. */
  innermost(): unknown {
    const frame = this.#foreach.at(-1);
    return frame === undefined ? undefined : this.#item(frame);
  }

  /** What `foreachStack()` answers. */
  stack(): ForeachStackEntry[] {
    return this.#foreach.map((frame) => {
      const item = (): unknown => this.#item(frame);
      return {
        step: parseTaskRef(frame.split).step,
        index: frame.index,
        count: frame.count,
        get item() {
          return item();
        },
      };
    });
  }

  #item(frame: ForeachFrame): unknown {
    const known = this.#read.get(frame);
    if (known !== undefined) return known.value;
    const item = this.#given(frame) ?? this.#readItem(frame.split, frame.index);
    this.#read.set(frame, item);
    return item.value;
  }

  /** A spin may have been given another item than its task had. */
  #given(frame: ForeachFrame): Item | undefined {
    const { run, artifacts } = this.#context;
    const ref = frame === this.#foreach.at(-1) ? run.record.spin?.item : undefined;
    return ref === undefined ? undefined : { value: artifacts.read(ref, `${run.pathspec}, the item`), label: this.label() };
  }

  /** An item of any fan-out of the run. */
  read(split: TaskRef, index: number): unknown {
    return this.#readItem(split, index).value;
  }

  #readItem(split: TaskRef, index: number): Item {
    const { records, items: reader } = this.#context;
    const { items } = records.get(split);
    const pathspec = records.pathspec(split);
    if (items === undefined) throw new MillraceError("task-unknown", { pathspec: `${pathspec} (its items)`, near: undefined });
    return reader.itemSync(items, index, `${pathspec} foreach`);
  }

  /** What the innermost fan-out's `label` option called the item. */
  label(): string | undefined {
    const frame = this.#foreach.at(-1);
    if (frame === undefined) return undefined;
    const known = this.#read.get(frame);
    if (known !== undefined) return known.label;
    try {
      const { items } = this.#context.records.get(frame.split);
      return items === undefined ? undefined : this.#context.items.labelSync(items, frame.index, frame.split);
    } catch {
      // A label is for people only; what is wrong with the items is said where they are used.
      return undefined;
    }
  }
}
