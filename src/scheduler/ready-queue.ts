import { saturated, type Frame } from "./frame.js";
import type { Task } from "./task.js";

/** Work that waits: one task, or what is left of a fan-out, whose tasks are made as they start. */
export type Ready =
  | { readonly kind: "task"; readonly task: Task }
  | { readonly kind: "fan-out"; readonly frame: Frame; readonly target: string; next: number };

/** Work of one bounded fan-out (or of none), in order. */
interface Lane {
  readonly frame: Frame | undefined;
  readonly entries: Ready[];
  /** Where the first entry is; entries before it are gone. */
  head: number;
}

/**
 * What is ready to run, first come first served; attempts tried again go first. Work inside a fan-out that has its
 * full `concurrency` at work waits aside, so that looking for the next task stays cheap.
 */
export class ReadyQueue {
  readonly #first: Ready[] = [];
  readonly #lanes = new Map<Frame | undefined, Lane>();

  add(entry: Ready): void {
    const frame = nearestBound(entry.kind === "task" ? entry.task.frame : entry.frame);
    let lane = this.#lanes.get(frame);
    if (lane === undefined) this.#lanes.set(frame, (lane = { frame, entries: [], head: 0 }));
    lane.entries.push(entry);
  }

  /** A task that is tried again: ahead of all others. */
  addFirst(task: Task): void {
    this.#first.push({ kind: "task", task });
  }

  /** The entry to start from; the caller takes its task with {@link advance}. */
  peek(): Ready | undefined {
    const again = this.#first.find((entry) => entry.kind === "task" && saturated(entry.task.frame) === undefined);
    if (again !== undefined) return again;
    for (const lane of this.#lanes.values()) {
      const entry = lane.entries[lane.head];
      if (entry !== undefined && saturated(entry.kind === "task" ? entry.task.frame : entry.frame) === undefined) return entry;
    }
    return undefined;
  }

  /** The entry's work has been taken, all of it or, for a fan-out, one task more. */
  advance(entry: Ready): void {
    if (entry.kind === "fan-out" && ++entry.next < entry.frame.count) return;
    const again = this.#first.indexOf(entry);
    if (again >= 0) {
      this.#first.splice(again, 1);
      return;
    }
    const frame = nearestBound(entry.kind === "task" ? entry.task.frame : entry.frame);
    const lane = this.#lanes.get(frame);
    if (lane === undefined) return;
    lane.head++;
    if (lane.head === lane.entries.length) this.#lanes.delete(frame);
    else if (lane.head > 1024 && lane.head * 2 > lane.entries.length) lane.entries.splice(0, lane.head), (lane.head = 0);
  }

  get isEmpty(): boolean {
    return this.#first.length === 0 && this.#lanes.size === 0;
  }

  clear(): void {
    this.#first.length = 0;
    this.#lanes.clear();
  }
}

function nearestBound(frame: Frame | undefined): Frame | undefined {
  for (let at = frame; at !== undefined; at = at.outer) if (at.concurrency !== undefined) return at;
  return undefined;
}
