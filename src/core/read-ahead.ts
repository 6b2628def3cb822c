/** How far to read ahead. */
export interface ReadAheadLimits<T> {
  /** Reads at once. */
  readonly atOnce: number;
  /** What one read takes of the room there is; 0 when not said. */
  readonly weightOf?: (item: T) => number;
  /** Room for what is read and not taken yet; a single read may take more. */
  readonly room?: number;
}

/**
 * Reads one item after another and gives the results in order, some of them ahead of time: none before the first is asked
 * for, then more and more, so that who takes one pays for one.
 */
export async function* readAhead<T, R>(items: Iterable<T>, read: (item: T) => Promise<R>, limits: ReadAheadLimits<T>): AsyncGenerator<R> {
  const { atOnce, weightOf = () => 0, room = Number.POSITIVE_INFINITY } = limits;
  const iterator = items[Symbol.iterator]();
  const ahead: { readonly result: Promise<R>; readonly weight: number }[] = [];
  let weight = 0;
  for (let window = 1; ; window = Math.min(atOnce, window * 2)) {
    while (ahead.length < window && (ahead.length === 0 || weight < room)) {
      const next = iterator.next();
      if (next.done === true) break;
      const reading = { result: read(next.value), weight: weightOf(next.value) };
      // It is told when its turn comes, if it does.
      reading.result.catch(() => {});
      weight += reading.weight;
      ahead.push(reading);
    }
    const first = ahead.shift();
    if (first === undefined) return;
    yield await first.result;
    weight -= first.weight;
  }
}
