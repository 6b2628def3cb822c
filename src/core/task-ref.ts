import { compareTaskIds } from "./task-id.js";

/**
 * Names a finished task from inside a run: `score/3`, or `12:score/3` when the task ran in run 12 of the same flow and
 * this run refers to it.
 */
export type TaskRef = string;

/** The parts of a {@link TaskRef}. */
export interface TaskRefParts {
  /** The run the task ran in; undefined for the run at hand. */
  readonly run: string | undefined;
  readonly step: string;
  readonly task: string;
}

export function formatTaskRef(step: string, task: string, run?: string): TaskRef {
  return run === undefined ? `${step}/${task}` : `${run}:${step}/${task}`;
}

export function parseTaskRef(ref: TaskRef): TaskRefParts {
  const colon = ref.indexOf(":");
  const slash = ref.indexOf("/", colon + 1);
  return {
    run: colon < 0 ? undefined : ref.slice(0, colon),
    step: ref.slice(colon + 1, slash),
    task: ref.slice(slash + 1),
  };
}

/**
 * Many task refs in few words, their order kept: neighbours that differ only in their last index, by one, become a
 * range: `score/0-9999`, `inner/3.0-7`, `12:score/4-6`.
 */
export type TaskRefRanges = readonly string[];

const RANGE_TAIL = /^(.*?[/.])(\d+)$/;

export function packTaskRefs(refs: Iterable<TaskRef>): string[] {
  const ranges: string[] = [];
  let prefix: string | undefined;
  let first = 0;
  let last = 0;
  const close = (): void => {
    if (prefix !== undefined) ranges.push(first === last ? `${prefix}${first}` : `${prefix}${first}-${last}`);
    prefix = undefined;
  };
  for (const ref of refs) {
    const match = RANGE_TAIL.exec(ref);
    if (match === null) {
      close();
      ranges.push(ref);
      continue;
    }
    const index = Number(match[2]);
    if (prefix === match[1] && index === last + 1) {
      last = index;
      continue;
    }
    close();
    prefix = match[1];
    first = last = index;
  }
  close();
  return ranges;
}

const RANGE = /^(.*[/.])(\d+)-(\d+)$/;

export function* unpackTaskRefs(ranges: TaskRefRanges): Generator<TaskRef> {
  for (const range of ranges) {
    const match = RANGE.exec(range);
    if (match === null) {
      yield range;
      continue;
    }
    for (let index = Number(match[2]); index <= Number(match[3]); index++) yield `${match[1]}${index}`;
  }
}

export function countTaskRefs(ranges: TaskRefRanges): number {
  return ranges.reduce((count, range) => {
    const match = RANGE.exec(range);
    return count + (match === null ? 1 : Math.max(0, Number(match[3]) - Number(match[2]) + 1));
  }, 0);
}

/** Orders refs of one step by their place. */
export function compareTaskRefs(a: TaskRef, b: TaskRef): number {
  const left = parseTaskRef(a);
  const right = parseTaskRef(b);
  if (left.step !== right.step) return left.step < right.step ? -1 : 1;
  return compareTaskIds(left.task, right.task);
}
