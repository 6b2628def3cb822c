/** A part of an object's bytes. */
export interface ByteRange {
  /** First byte, from 0. */
  readonly offset: number;
  /** Bytes wanted; the object may end sooner. */
  readonly length: number;
}

export interface PutOptions {
  /** Write only if nothing stands under the key; the answer says whether it was written. */
  readonly ifAbsent?: boolean;
}

export interface ObjectInfo {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

/**
 * Bytes under keys, all that millrace asks of a place to keep data: a folder, a bucket, memory. Keys are relative
 * paths with forward slashes. An object appears whole or not at all.
 *
 * The `…Sync` methods exist because steps read artifacts as plain fields (`this.rows`), which cannot wait.
 */
export interface ObjectStore {
  /** What people call it: a path or a URL. */
  readonly location: string;
  /** Whether values are worth compressing on their way: storage behind a network. */
  readonly remote: boolean;
  /** The bytes under the key, undefined when there are none. */
  get(key: string, range?: ByteRange): Promise<Uint8Array | undefined>;
  getSync(key: string, range?: ByteRange): Uint8Array | undefined;
  /** Stores the chunks' bytes, one after another, as one object. False when `ifAbsent` was asked and the key is taken. */
  put(key: string, chunks: readonly Uint8Array[], options?: PutOptions): Promise<boolean>;
  putSync(key: string, chunks: readonly Uint8Array[], options?: PutOptions): boolean;
  /** What is known of the object under the key, undefined when there is none. */
  stat(key: string): Promise<ObjectInfo | undefined>;
  statSync(key: string): ObjectInfo | undefined;
  /**
   * Makes an object as young as if it had just been put, without its bytes. False when there is none.
   */
  touch(key: string): Promise<boolean>;
  touchSync(key: string): boolean;
  /** Objects whose key starts with the prefix (a folder, ending in `/`), at any depth, in no order. */
  list(prefix: string): AsyncIterable<ObjectInfo>;
  /** Names of the objects and folders directly below a folder's prefix; folders end in `/`. */
  listNames(prefix: string): Promise<readonly string[]>;
  /**
   * Takes objects away; keys under which there is nothing are passed over. When it returns, all are gone, and nothing of
   * it is on its way any more: what is put under one of the keys from then on stays.
   */
  delete(...keys: readonly string[]): Promise<void>;

  // What follows only stores have where each call takes its time.

  /**
   * Begins to read an object that will soon be asked for whole. A hint: there is room for so much. Only for objects that do not
   * change.
   * @param bytes About how large it is.
   */
  prefetch?(key: string, bytes: number): void;
  /** Lets go of what was read ahead and not asked for. */
  dropPrefetched?(): void;
  /** Begins a put. What it answers is called later, once, and gives what `putSync` would have, or throws its error. */
  beginPut?(key: string, chunks: readonly Uint8Array[], options?: PutOptions): () => boolean;
  /** Whether it is open to doubt that `ifAbsent` holds: some services take no notice of it. Asked after a request. */
  doubtsIfAbsent?(): Promise<boolean>;
  /** The region that requests go to, where there are such. */
  region?(): Promise<string>;
  /** Lets go of what it needs, and of what is on its way. */
  [Symbol.asyncDispose]?(): Promise<void>;
  /** From here on, answers that do not come soon are not waited for, by those who await them: the run is to end. */
  hurry?(): void;
  /** Hears why requests are sent again: the storage is slow or out of order. */
  onTrouble?(listener: (reason: string) => void): void;
}
