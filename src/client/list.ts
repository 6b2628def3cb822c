import { inspect } from "node:util";
import { Damages, type DamageOptions } from "./damages.js";

/**
 * Things that are read while they are walked: `for await (const run of Flow("Score").runs()) …`. Each walk reads anew.
 * What cannot be read is passed over, and told of at the end: see `onDamaged`.
 */
export class List<T> implements AsyncIterable<T> {
  readonly #what: string;
  readonly #options: DamageOptions;
  readonly #walk: (onDamaged: (error: Error) => void) => AsyncIterable<T>;

  /** @internal */
  constructor(what: string, options: DamageOptions, walk: (onDamaged: (error: Error) => void) => AsyncIterable<T>) {
    this.#what = what;
    this.#options = options;
    this.#walk = walk;
  }

  /** @throws MillraceError `list-incomplete` at the end, when something could not be read and `onDamaged` was not given */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    const damages = new Damages(this.#what, this.#options);
    try {
      yield* this.#walk((error) => damages.add(error));
      damages.check();
    } finally {
      damages.warn();
    }
  }

  /** All of them. @throws MillraceError `list-incomplete`, as a walk does */
  async toArray(): Promise<T[]> {
    const all: T[] = [];
    for await (const one of this) all.push(one);
    return all;
  }

  /** The first; undefined when there is none. Reads no further. */
  async first(): Promise<T | undefined> {
    for await (const one of this) return one;
    return undefined;
  }

  /** How many there are. Reads all of them. */
  async count(): Promise<number> {
    let count = 0;
    for await (const _ of this) count++;
    return count;
  }

  [inspect.custom](): string {
    return `List of ${this.#what} { for await (… of it), or await its toArray(), first(), count() }`;
  }
}
