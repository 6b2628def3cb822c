import type { BinaryValue } from "../binary-types.js";

/** Bytes of one ArrayBuffer that several binary values share. */
export interface SharedRange {
  readonly start: number;
  readonly end: number;
}

/** Thrown when a value turns out to share memory with one that was already written: write anew, knowing it. */
export class MemoryOverlap extends Error {}

/**
 * Finds out which binary values of a value share memory. Slices of one buffer that lie apart (Node's pool) are
 * independent; those that overlap are stored once, so that they overlap when they come back.
 */
export class SharedMemory {
  readonly #shared = new Map<ArrayBufferLike, SharedRange[]>();
  readonly #alone = new Map<ArrayBufferLike, SharedRange[]>();

  /** Starts over: what was found to be shared is kept. */
  restart(): void {
    this.#alone.clear();
  }

  /**
   * The shared range that the value lies in; undefined when it shares with no other value so far.
   * @throws MemoryOverlap when it shares with one that was taken for independent.
   */
  rangeOf(value: BinaryValue): SharedRange | undefined {
    const isView = ArrayBuffer.isView(value);
    const buffer = isView ? value.buffer : value;
    const start = isView ? value.byteOffset : 0;
    const end = start + value.byteLength;
    if (start === end) return undefined;
    const known = this.#shared.get(buffer)?.find((range) => range.start < end && start < range.end);
    if (known !== undefined) {
      if (known.start <= start && end <= known.end) return known;
      this.#share(buffer, start, end);
      throw new MemoryOverlap();
    }
    const alone = this.#alone.get(buffer);
    if (alone === undefined) {
      this.#alone.set(buffer, [{ start, end }]);
      return undefined;
    }
    const place = firstEndingAfter(alone, start);
    let next = place;
    for (let range = alone[next]; range !== undefined && range.start < end; range = alone[++next]) this.#share(buffer, range.start, range.end);
    if (next > place) {
      this.#share(buffer, start, end);
      throw new MemoryOverlap();
    }
    alone.splice(place, 0, { start, end });
    return undefined;
  }

  /** Adds a range, grown to an element's alignment and united with those it touches. */
  #share(buffer: ArrayBufferLike, start: number, end: number): void {
    const ranges = this.#shared.get(buffer) ?? [];
    const touching = ranges.filter((range) => range.start < end && start < range.end);
    this.#shared.set(buffer, [
      ...ranges.filter((range) => !touching.includes(range)),
      {
        start: Math.min(start - (start % 8), ...touching.map((range) => range.start)),
        end: Math.max(end, ...touching.map((range) => range.end)),
      },
    ]);
  }
}

/** Where in the ranges, which are sorted and apart, the first stands that ends after the offset. */
function firstEndingAfter(ranges: readonly SharedRange[], offset: number): number {
  let low = 0;
  let high = ranges.length;
  if (high === 0 || (ranges[high - 1]?.end ?? 0) <= offset) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.end ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
