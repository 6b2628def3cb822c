/** Numbers that look random and are the same for the same seed (mulberry32), so that a failure can be run again. */
export class Random {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to 1, without 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from 0 up to `end`, without it. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }
}

/** The seeds that a test of chance is run with: these, or those from which to which the environment says, to look for longer. */
export function seeds(...usual: readonly number[]): readonly number[] {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(process.env["RIG_SEEDS"] ?? "") ?? [];
  return from === undefined ? usual : Array.from({ length: Number(to) - Number(from) + 1 }, (_, n) => Number(from) + n);
}
