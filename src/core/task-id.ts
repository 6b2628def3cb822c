/**
 * A task's place in the graph, as text: `0` outside any fan-out, `3` in one, `3.7` in a fan-out inside a fan-out;
 * `~2` and `3~2` when a loop has come round to the step again (the count of rounds before, so the first pass has none).
 */
export interface TaskPlace {
  /** Index in each open fan-out, outermost first. */
  readonly path: readonly number[];
  /** Rounds of a loop that ran this step before. */
  readonly iteration: number;
}

const TASK_ID = /^(\d+(?:\.\d+)*)?(?:~([1-9]\d*))?$/;

/** Writes a place as a task id. */
export function formatTaskId(path: readonly number[], iteration: number): string {
  const place = path.join(".");
  if (iteration > 0) return `${place}~${iteration}`;
  return place === "" ? "0" : place;
}

/** Reads a task id; undefined when the text is none. */
export function parseTaskId(id: string): TaskPlace | undefined {
  const match = TASK_ID.exec(id);
  if (match === null || id === "") return undefined;
  const path = match[1] === undefined ? [] : match[1].split(".").map(Number);
  return { path, iteration: match[2] === undefined ? 0 : Number(match[2]) };
}

/** Orders task ids as the fan-outs did: by index, outermost first, then by round. */
export function compareTaskIds(a: string, b: string): number {
  const left = parseTaskId(a);
  const right = parseTaskId(b);
  if (left === undefined || right === undefined) return a < b ? -1 : a > b ? 1 : 0;
  return compareTaskPlaces(left, right);
}

/** {@link compareTaskIds} of ids that are parsed already. */
export function compareTaskPlaces(left: TaskPlace, right: TaskPlace): number {
  for (let i = 0; i < Math.max(left.path.length, right.path.length); i++) {
    // Outside any fan-out the first pass is written 0 and later ones have no index.
    const difference = (left.path[i] ?? 0) - (right.path[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.iteration - right.iteration || left.path.length - right.path.length;
}
