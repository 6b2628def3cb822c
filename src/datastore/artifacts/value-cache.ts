import { ByteCache } from "./byte-cache.js";

/** Values kept whatever their size: code that goes back and forth between a few large inputs reads each once. */
const KEPT_AT_LEAST = 8;

/**
 * Decoded values, kept while they fit into a number of bytes: walking many inputs stays within bounds, and an input read
 * again soon is the same object. Nothing but this keeps them: a weak reference would, until the step yields.
 */
export class ValueCache {
  readonly #kept: ByteCache<{ readonly value: unknown }>;

  /** @param maxBytes Stored bytes of the values kept. */
  constructor(maxBytes: number) {
    this.#kept = new ByteCache(maxBytes, KEPT_AT_LEAST);
  }

  /** The value of a key, made by `make` when it is not here. */
  getOrMake(key: string, bytes: number, make: () => unknown): unknown {
    const found = this.#kept.get(key);
    if (found !== undefined) return found.value;
    const value = make();
    this.#kept.set(key, { value }, bytes);
    return value;
  }
}
