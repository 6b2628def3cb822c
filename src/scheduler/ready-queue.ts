import { depthOf, saturated, type Frame } from "./frame.js";
import type { Task } from "./task.js";

/** Work that waits: one task, or what is left of a fan-out, whose tasks are made as they start. */
export type Ready = ReadyTask | ReadyFanOut;

export interface ReadyTask {
  readonly kind: "task";
  readonly task: Task;
}

export interface ReadyFanOut {
  readonly kind: "fan-out";
  readonly frame: Frame;
  readonly target: string;
  /** The index of the next item. */
  next: number;
}

/** Work inside one bounded fan-out (or in none). */
interface Lane {
  /** First come, first served. */
  readonly tasks: ReadyTask[];
  /** Where the first task is; those before it are gone. */
  head: number;
  /** Inner fan-outs before outer ones. */
  readonly fanOuts: ReadyFanOut[];
}

/** Gone entries are dropped from a lane's list when there are more of them than this, and than of the others. */
const DROP_AT = 1024;

/**
 * What is ready to run. Attempts tried again go first, then tasks, then new items of fan-outs: items that have begun are
 * carried on before others begin, so the queue stays short however wide a fan-out is, and a branch beside it gets its
 * turn. Work inside a fan-out that has its full `concurrency` at work waits aside.
 */
export class ReadyQueue {
  readonly #again: ReadyTask[] = [];
  readonly #lanes = new Map<Frame | undefined, Lane>();

  add(entry: Ready): void {
    const frame = laneOf(entry);
    let lane = this.#lanes.get(frame);
    if (lane === undefined) this.#lanes.set(frame, (lane = { tasks: [], head: 0, fanOuts: [] }));
    if (entry.kind === "task") {
      lane.tasks.push(entry);
      return;
    }
    const depth = depthOf(entry.frame);
    const before = lane.fanOuts.findIndex((other) => depthOf(other.frame) < depth);
    lane.fanOuts.splice(before < 0 ? lane.fanOuts.length : before, 0, entry);
  }

  /** A task that is tried again: ahead of all others. */
  addFirst(task: Task): void {
    this.#again.push({ kind: "task", task });
  }

  /** The entry to start from; the caller takes its task with {@link advance}. */
  peek(): Ready | undefined {
    const again = this.#again.find((entry) => saturated(entry.task.frame) === undefined);
    if (again !== undefined) return again;
    let newItem: ReadyFanOut | undefined;
    for (const [frame, lane] of this.#lanes) {
      if (saturated(frame) !== undefined) continue;
      if (lane.head < lane.tasks.length) return lane.tasks[lane.head];
      newItem ??= lane.fanOuts[0];
    }
    return newItem;
  }

  /** The entry's work has been taken: all of it or, of a fan-out, one task more. */
  advance(entry: Ready): void {
    if (entry.kind === "fan-out" && ++entry.next < entry.frame.count) return;
    const again = entry.kind === "task" ? this.#again.indexOf(entry) : -1;
    if (again >= 0) {
      this.#again.splice(again, 1);
      return;
    }
    const frame = laneOf(entry);
    const lane = this.#lanes.get(frame);
    if (lane === undefined) return;
    if (entry.kind === "task") dropFirst(lane);
    else lane.fanOuts.splice(lane.fanOuts.indexOf(entry), 1);
    if (lane.tasks.length === 0 && lane.fanOuts.length === 0) this.#lanes.delete(frame);
  }

  get isEmpty(): boolean {
    return this.#again.length === 0 && this.#lanes.size === 0;
  }

  clear(): void {
    this.#again.length = 0;
    this.#lanes.clear();
  }
}

function dropFirst(lane: Lane): void {
  lane.head++;
  if (lane.head < lane.tasks.length && (lane.head < DROP_AT || lane.head * 2 < lane.tasks.length)) return;
  lane.tasks.splice(0, lane.head);
  lane.head = 0;
}

/** The nearest fan-out around that has a bound. */
function laneOf(entry: Ready): Frame | undefined {
  for (let at = entry.kind === "task" ? entry.task.frame : entry.frame; at !== undefined; at = at.outer) {
    if (at.concurrency !== undefined) return at;
  }
  return undefined;
}
