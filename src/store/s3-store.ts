import { MillraceError } from "../core/errors/millrace-error.js";
import type { S3Address } from "../core/store-address.js";
import { Haste } from "./haste.js";
import type { ByteRange, ObjectInfo, ObjectStore, PutOptions } from "./object-store.js";
import { S3Thread, type Call, type ThreadOptions } from "./s3-thread.js";

/** Bytes read ahead that nobody has taken yet. */
const AHEAD_BYTES = 192 * 1024 * 1024;
/** Bytes on their way to S3 that their writer does not wait for yet. */
const BEGUN_BYTES = 256 * 1024 * 1024;

/**
 * A bucket, or what is below a prefix in one, as an object store. All of it is done by a thread of its own (`s3/thread.ts`), so
 * that a step that touches an artifact can wait for it in the middle of a line. Stores of one address share the thread.
 */
export class S3Store implements ObjectStore, AsyncDisposable {
  readonly location: string;
  readonly remote = true;
  readonly #thread: S3Thread;
  /** Of the thread, among those of this process. */
  readonly #name: string;
  readonly #address: S3Address;
  readonly #haste = new Haste();
  #isClosed = false;
  readonly #ahead = new Map<string, { readonly call: Call<Uint8Array | undefined>; readonly bytes: number }>();
  #aheadBytes = 0;
  readonly #begun: { readonly call: Call<boolean>; readonly bytes: number }[] = [];
  #begunBytes = 0;

  constructor(address: S3Address, options: ThreadOptions = {}) {
    this.location = address.url;
    this.#address = address;
    this.#name = JSON.stringify(address);
    this.#thread = shareThread(this.#name, address, options);
  }

  /** Outages are not waited out any more by who awaits an answer: nobody has the time. */
  hurry(): void {
    this.#haste.hurry();
  }

  #answer<T>(call: Call<T>): Promise<T> {
    return this.#haste.wait(call.answer(), (seconds) => {
      const { url, endpoint = "AWS" } = this.#address;
      return new MillraceError("s3-unreachable", { url, endpoint, reason: "no answer, and no time to wait for one", seconds });
    });
  }

  /** Hears why requests are sent again. */
  onTrouble(listener: (reason: string) => void): void {
    this.#thread.onTrouble(listener);
  }

  async region(): Promise<string> {
    return this.#answer(this.#thread.begin("region", {}));
  }

  async doubtsIfAbsent(): Promise<boolean> {
    return !(await this.#answer(this.#thread.begin("isAws", {})));
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    return this.#answer(this.#takeAhead(key, range) ?? this.#thread.begin("get", { key, range }));
  }

  getSync(key: string, range?: ByteRange): Uint8Array | undefined {
    return (this.#takeAhead(key, range) ?? this.#thread.begin("get", { key, range })).wait();
  }

  prefetch(key: string, bytes: number): void {
    if (this.#ahead.has(key) || (this.#aheadBytes > 0 && this.#aheadBytes + bytes > AHEAD_BYTES)) return;
    this.#ahead.set(key, { call: this.#thread.begin("get", { key }), bytes });
    this.#aheadBytes += bytes;
  }

  dropPrefetched(): void {
    this.#ahead.clear();
    this.#aheadBytes = 0;
  }

  #takeAhead(key: string, range: ByteRange | undefined): Call<Uint8Array | undefined> | undefined {
    const found = range === undefined ? this.#ahead.get(key) : undefined;
    if (found === undefined) return undefined;
    this.#ahead.delete(key);
    this.#aheadBytes -= found.bytes;
    return found.call;
  }

  async put(key: string, chunks: readonly Uint8Array[], options?: PutOptions): Promise<boolean> {
    return this.#answer(this.#put(key, chunks, options));
  }

  putSync(key: string, chunks: readonly Uint8Array[], options?: PutOptions): boolean {
    return this.#put(key, chunks, options).wait();
  }

  beginPut(key: string, chunks: readonly Uint8Array[], options?: PutOptions): () => boolean {
    const bytes = sizeOf(chunks);
    while (this.#begunBytes > 0 && this.#begunBytes + bytes > BEGUN_BYTES) this.#settleOldest();
    const call = this.#put(key, chunks, options);
    const begun = { call, bytes };
    this.#begun.push(begun);
    this.#begunBytes += bytes;
    return () => {
      const place = this.#begun.indexOf(begun);
      if (place >= 0) {
        this.#begun.splice(place, 1);
        this.#begunBytes -= bytes;
      }
      return call.wait();
    };
  }

  #settleOldest(): void {
    const oldest = this.#begun.shift();
    if (oldest === undefined) return;
    this.#begunBytes -= oldest.bytes;
    try {
      oldest.call.wait();
    } catch {
      // Its writer hears of it when it asks.
    }
  }

  #put(key: string, chunks: readonly Uint8Array[], options: PutOptions | undefined): Call<boolean> {
    const bytes = joined(chunks);
    return this.#thread.begin("put", { key, bytes, ifAbsent: options?.ifAbsent ?? false }, [bytes.buffer]);
  }

  async stat(key: string): Promise<ObjectInfo | undefined> {
    return this.#answer(this.#thread.begin("stat", { key }));
  }

  statSync(key: string): ObjectInfo | undefined {
    return this.#thread.begin("stat", { key }).wait();
  }

  async touch(key: string): Promise<boolean> {
    return this.#answer(this.#thread.begin("touch", { key }));
  }

  touchSync(key: string): boolean {
    return this.#thread.begin("touch", { key }).wait();
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    let page = await this.#answer(this.#thread.begin("list", { prefix, from: undefined }));
    for (;;) {
      // The next page comes while this one is looked at.
      const next = page.next === undefined ? undefined : this.#thread.begin("list", { prefix, from: page.next });
      yield* page.entries;
      if (next === undefined) return;
      page = await this.#answer(next);
    }
  }

  async listNames(prefix: string): Promise<readonly string[]> {
    return this.#answer(this.#thread.begin("names", { prefix }));
  }

  async delete(...keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await this.#answer(this.#thread.begin("delete", { keys }));
  }

  /** The last store of an address ends the thread, and what is on its way; without this it ends with the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const shared = threads.get(this.#name);
    if (shared === undefined || --shared.stores > 0) return;
    threads.delete(this.#name);
    await shared.thread[Symbol.asyncDispose]();
  }
}

/** Those of this process, and how many stores use each: what loads the SDK costs time and memory once. */
const threads = new Map<string, { readonly thread: S3Thread; stores: number }>();

function shareThread(name: string, address: S3Address, options: ThreadOptions): S3Thread {
  const shared = threads.get(name) ?? { thread: new S3Thread(address, options), stores: 0 };
  threads.set(name, shared);
  shared.stores++;
  return shared.thread;
}

function sizeOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}

/** A copy of its own, to be given to the thread: the writer may go on to change what it wrote. */
function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeOf(chunks));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
