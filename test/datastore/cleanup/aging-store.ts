import type { ObjectInfo, PutOptions } from "../../../src/store/object-store.js";
import { MemoryStore } from "../../../src/store/memory-store.js";

/** Waits before each call of the store, so that a test can let others go first. */
export type Pause = (call: string) => Promise<void>;

/** Objects whose age a test sets, and whose asynchronous calls it holds up. */
export class AgingStore extends MemoryStore {
  pause: Pause = () => Promise.resolve();
  readonly #agedBy = new Map<string, number>();

  /** Makes everything that is there older. */
  async age(ms: number): Promise<void> {
    const keys: string[] = [];
    for await (const { key } of super.list("")) keys.push(key);
    for (const key of keys) this.#agedBy.set(key, (this.#agedBy.get(key) ?? 0) + ms);
  }

  override async get(...args: Parameters<MemoryStore["get"]>): Promise<Uint8Array | undefined> {
    await this.pause(`get ${args[0]}`);
    return super.get(...args);
  }

  override async put(key: string, chunks: readonly Uint8Array[], options?: PutOptions): Promise<boolean> {
    await this.pause(`put ${key}`);
    const put = super.putSync(key, chunks, options);
    if (put) this.#agedBy.delete(key);
    return put;
  }

  override putSync(key: string, chunks: readonly Uint8Array[], options?: PutOptions): boolean {
    const put = super.putSync(key, chunks, options);
    if (put) this.#agedBy.delete(key);
    return put;
  }

  override async stat(key: string): Promise<ObjectInfo | undefined> {
    await this.pause(`stat ${key}`);
    return this.statSync(key);
  }

  override statSync(key: string): ObjectInfo | undefined {
    const info = super.statSync(key);
    return info === undefined ? undefined : this.#aged(info);
  }

  override async touch(key: string): Promise<boolean> {
    await this.pause(`touch ${key}`);
    return this.touchSync(key);
  }

  override touchSync(key: string): boolean {
    const touched = super.touchSync(key);
    if (touched) this.#agedBy.delete(key);
    return touched;
  }

  override async *list(prefix: string): AsyncIterable<ObjectInfo> {
    await this.pause(`list ${prefix}`);
    for await (const info of super.list(prefix)) yield this.#aged(info);
  }

  override async listNames(prefix: string): Promise<readonly string[]> {
    await this.pause(`listNames ${prefix}`);
    return super.listNames(prefix);
  }

  override async delete(...keys: readonly string[]): Promise<void> {
    // One after another, as a folder does it.
    for (const key of keys) {
      await this.pause(`delete ${key}`);
      await super.delete(key);
    }
  }

  #aged(info: ObjectInfo): ObjectInfo {
    return { ...info, modifiedAt: info.modifiedAt - (this.#agedBy.get(info.key) ?? 0) };
  }
}
