import type { ByteRange, ObjectInfo, ObjectStore, PutOptions } from "./object-store.js";

/** Objects in this process's memory: for tests and in-process runs. */
export class MemoryStore implements ObjectStore {
  readonly location = "memory";
  readonly remote: boolean;
  readonly #objects = new Map<string, { readonly bytes: Uint8Array; readonly modifiedAt: number }>();

  /** @param options.remote Behave like storage behind a network: values are compressed more. */
  constructor(options: { readonly remote?: boolean } = {}) {
    this.remote = options.remote ?? false;
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    return this.getSync(key, range);
  }

  getSync(key: string, range?: ByteRange): Uint8Array | undefined {
    const bytes = this.#objects.get(key)?.bytes;
    if (bytes === undefined) return undefined;
    const start = range?.offset ?? 0;
    return bytes.slice(start, range === undefined ? undefined : start + range.length);
  }

  async put(key: string, chunks: readonly Uint8Array[], options?: PutOptions): Promise<boolean> {
    return this.putSync(key, chunks, options);
  }

  putSync(key: string, chunks: readonly Uint8Array[], options?: PutOptions): boolean {
    if (options?.ifAbsent === true && this.#objects.has(key)) return false;
    this.#objects.set(key, { bytes: joined(chunks), modifiedAt: Date.now() });
    return true;
  }

  async stat(key: string): Promise<ObjectInfo | undefined> {
    return this.statSync(key);
  }

  statSync(key: string): ObjectInfo | undefined {
    const object = this.#objects.get(key);
    return object === undefined ? undefined : { key, size: object.bytes.length, modifiedAt: object.modifiedAt };
  }

  async touch(key: string): Promise<boolean> {
    return this.touchSync(key);
  }

  touchSync(key: string): boolean {
    const object = this.#objects.get(key);
    if (object !== undefined) this.#objects.set(key, { ...object, modifiedAt: Date.now() });
    return object !== undefined;
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    for (const [key, { bytes, modifiedAt }] of this.#objects) {
      if (key.startsWith(prefix)) yield { key, size: bytes.length, modifiedAt };
    }
  }

  async listNames(prefix: string): Promise<readonly string[]> {
    const names = new Set<string>();
    for (const key of this.#objects.keys()) {
      if (!key.startsWith(prefix)) continue;
      const rest = key.slice(prefix.length);
      const slash = rest.indexOf("/");
      names.add(slash < 0 ? rest : rest.slice(0, slash + 1));
    }
    return [...names];
  }

  async delete(...keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#objects.delete(key);
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
