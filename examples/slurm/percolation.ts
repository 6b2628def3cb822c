export interface Rocks {
  /** Of hollow cells. */
  readonly share: number;
  /** Cells along one side. */
  readonly size: number;
  readonly rocks: number;
  readonly seed: number;
}

/** How many of the rocks let water through from their top to their bottom. */
export function crossings({ share, size, rocks, seed }: Rocks): number {
  const random = randomNumbers(seed);
  let count = 0;
  for (let rock = 0; rock < rocks; rock++) {
    const hollow = Array.from({ length: size * size }, () => random() < share);
    if (reachesBottom(hollow, size)) count++;
  }
  return count;
}

/** Water enters every hollow cell of the top row and flows to hollow cells beside, above and below. */
function reachesBottom(hollow: readonly boolean[], size: number): boolean {
  const wet = hollow.map((isHollow, cell) => isHollow && cell < size);
  const ways = wet.flatMap((isWet, cell) => (isWet ? [cell] : []));
  for (let cell = ways.pop(); cell !== undefined; cell = ways.pop()) {
    if (cell >= size * (size - 1)) return true;
    const column = cell % size;
    for (const next of [cell - size, cell + size, column > 0 ? cell - 1 : -1, column < size - 1 ? cell + 1 : -1]) {
      if (hollow[next] !== true || wet[next] === true) continue;
      wet[next] = true;
      ways.push(next);
    }
  }
  return false;
}

/** The same numbers for the same seed, on every machine (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = (seed * 0x9e3779b9 + 0x6d2b79f5) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
