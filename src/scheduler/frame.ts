import type { ForeachFrame } from "../core/records.js";
import type { TaskRef } from "../core/task-ref.js";

/** Rounds each looping step has made so far on one thread of a run. */
export type Rounds = ReadonlyMap<string, number>;

/** One split that is open: made when a task splits or fans out, gone when its join runs. */
export interface Frame {
  readonly kind: "split" | "foreach";
  /** The task that split. */
  readonly split: TaskRef;
  readonly splitStep: string;
  /** Branches or items. */
  readonly count: number;
  /** The first step of each branch; of a fan-out, its one target. */
  readonly targets: readonly string[];
  readonly concurrency: number | undefined;
  /** The split's own place. */
  readonly outer: Frame | undefined;
  readonly outerBranch: number;
  /** Fan-out indexes of the split's place, outermost first. */
  readonly path: readonly number[];
  /** Where each branch arrived at the join, by its number. */
  readonly arrivals: TaskRef[];
  arrived: number;
  /** Tasks at work anywhere inside. */
  running: number;
  /** Something inside ran anew in this run, so the join must too. */
  fresh: boolean;
  /** At the split: what its branches and items start with. */
  readonly rounds: Rounds;
  /** Of the branches that have arrived, together: what the join goes on with. */
  arrivedRounds: Rounds;
}

/** How many frames are around. */
export function depthOf(frame: Frame | undefined): number {
  let depth = 0;
  for (let at = frame; at !== undefined; at = at.outer) depth++;
  return depth;
}

/** The open fan-outs around a branch of a frame, outermost first. */
export function foreachFrames(frame: Frame | undefined, branch: number): ForeachFrame[] {
  const frames: ForeachFrame[] = [];
  let index = branch;
  for (let at = frame; at !== undefined; at = at.outer) {
    if (at.kind === "foreach") frames.unshift({ split: at.split, index, count: at.count });
    index = at.outerBranch;
  }
  return frames;
}

/** Fan-out indexes of a branch of a frame. */
export function pathIn(frame: Frame | undefined, branch: number): readonly number[] {
  if (frame === undefined) return [];
  return frame.kind === "foreach" ? [...frame.path, branch] : frame.path;
}

/** Some frame around has as many tasks at work as it may. */
export function saturated(frame: Frame | undefined): Frame | undefined {
  for (let at = frame; at !== undefined; at = at.outer) {
    if (at.concurrency !== undefined && at.running >= at.concurrency) return at;
  }
  return undefined;
}

export function countRunning(frame: Frame | undefined, change: 1 | -1): void {
  for (let at = frame; at !== undefined; at = at.outer) at.running += change;
}

export function mergeRounds(a: Rounds, b: Rounds): Rounds {
  if (b.size === 0 || a === b) return a;
  if (a.size === 0) return b;
  const merged = new Map(a);
  for (const [step, rounds] of b) merged.set(step, Math.max(rounds, merged.get(step) ?? 0));
  return merged;
}
