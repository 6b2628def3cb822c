import { ByteCache } from "./byte-cache.js";

/**
 * Decoded values, kept while they fit into a number of bytes and, beyond that, as long as somebody else holds them:
 * walking many inputs stays within bounds, and the same input read twice is the same object while it is in use.
 */
export class ValueCache {
  readonly #kept: ByteCache<{ readonly value: unknown }>;
  readonly #alive = new Map<string, WeakRef<object>>();
  readonly #gone = new FinalizationRegistry<string>((key) => {
    if (this.#alive.get(key)?.deref() === undefined) this.#alive.delete(key);
  });

  /** @param maxBytes Stored bytes of the values kept. */
  constructor(maxBytes: number) {
    this.#kept = new ByteCache(maxBytes);
  }

  /** The value as `{ value }`, undefined when it is not here. */
  get(key: string): { readonly value: unknown } | undefined {
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const value = this.#alive.get(key)?.deref();
    return value === undefined ? undefined : { value };
  }

  /** @param bytes About what the value takes: its stored size. */
  set(key: string, value: unknown, bytes: number): void {
    this.#kept.set(key, { value }, bytes);
    if (typeof value !== "object" || value === null) return;
    this.#alive.set(key, new WeakRef(value));
    this.#gone.register(value, key);
  }

  /** The value of a key, made by `make` when it is not here. */
  getOrMake(key: string, bytes: number, make: () => unknown): unknown {
    const found = this.get(key);
    if (found !== undefined) return found.value;
    const value = make();
    this.set(key, value, bytes);
    return value;
  }
}
