import type { ByteRange, ObjectInfo, ObjectStore, PutOptions } from "../../src/store/object-store.js";

/** A store that notes every read, and refuses to write. */
export class CountingStore implements ObjectStore {
  /** Keys and prefixes that were read, in order. */
  readonly reads: string[] = [];
  readonly remote: boolean;
  readonly #inner: ObjectStore;

  constructor(inner: ObjectStore) {
    this.#inner = inner;
    this.remote = inner.remote;
  }

  get location(): string {
    return this.#inner.location;
  }

  get(key: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    this.reads.push(key);
    return this.#inner.get(key, range);
  }

  getSync(key: string, range?: ByteRange): Uint8Array | undefined {
    this.reads.push(key);
    return this.#inner.getSync(key, range);
  }

  stat(key: string): Promise<ObjectInfo | undefined> {
    this.reads.push(key);
    return this.#inner.stat(key);
  }

  statSync(key: string): ObjectInfo | undefined {
    this.reads.push(key);
    return this.#inner.statSync(key);
  }

  async touch(key: string): Promise<boolean> {
    return this.putSync(key);
  }

  touchSync(key: string): boolean {
    return this.putSync(key);
  }

  list(prefix: string): AsyncIterable<ObjectInfo> {
    this.reads.push(prefix);
    return this.#inner.list(prefix);
  }

  listNames(prefix: string): Promise<readonly string[]> {
    this.reads.push(prefix);
    return this.#inner.listNames(prefix);
  }

  async put(key: string, _chunks: readonly Uint8Array[], _options?: PutOptions): Promise<boolean> {
    return this.putSync(key);
  }

  putSync(key: string): boolean {
    throw new Error(`${key} was written by a reader`);
  }

  async delete(...keys: readonly string[]): Promise<void> {
    throw new Error(`${keys.join(", ")} was deleted by a reader`);
  }
}
