import type { ByteRange, PutOptions } from "../../src/store/object-store.js";
import { MemoryStore } from "../../src/store/memory-store.js";

/**
 * A store as one behind a network is: what is read may be begun before it is asked for, and what is written may be waited for
 * later. It notes what a caller had to wait for.
 */
export class FarStore extends MemoryStore {
  /** Keys that somebody waited for, because nobody had begun to read them. */
  readonly waitedFor: string[] = [];
  /** Keys that were begun to be read and then asked for. */
  readonly foreseen: string[] = [];
  /** The most puts that were on their way at once. */
  mostBegun = 0;
  #begun = 0;
  readonly #ahead = new Set<string>();

  constructor() {
    super({ remote: true });
  }

  override getSync(key: string, range?: ByteRange): Uint8Array | undefined {
    (range === undefined && this.#ahead.delete(key) ? this.foreseen : this.waitedFor).push(key);
    return super.getSync(key, range);
  }

  prefetch(key: string): void {
    this.#ahead.add(key);
  }

  dropPrefetched(): void {
    this.#ahead.clear();
  }

  beginPut(key: string, chunks: readonly Uint8Array[], options?: PutOptions): () => boolean {
    this.mostBegun = Math.max(this.mostBegun, ++this.#begun);
    const written = this.putSync(key, chunks, options);
    return () => {
      this.#begun--;
      return written;
    };
  }

  forget(): void {
    this.waitedFor.length = 0;
    this.foreseen.length = 0;
    this.mostBegun = 0;
  }
}
