import type { BlobPart } from "../../core/artifact-ref.js";
import type { ByteRange, ObjectStore } from "../../store/object-store.js";
import { blobContent } from "./blob-content.js";
import { blobKey } from "./blob-key.js";

/** An object to read. */
export interface Get {
  readonly key: string;
  readonly range?: ByteRange;
}

/** A blob to write, unless it is there. Its chunks are made only if it is written. */
export interface Put {
  readonly part: BlobPart;
  readonly chunks: () => readonly Uint8Array[];
}

export type Fetched = readonly (Uint8Array | undefined)[];

/** Work that asks for objects and is given them: the same code serves synchronous and asynchronous callers. */
export type Reading<T> = Generator<readonly Get[], T, Fetched>;

/** Work that hands out objects to write. */
export type Writing<T> = Generator<Put, T, void>;

export function readSync<T>(store: ObjectStore, reading: Reading<T>): T {
  let step = reading.next([]);
  while (step.done !== true) step = reading.next(step.value.map(({ key, range }) => store.getSync(key, range)));
  return step.value;
}

export async function read<T>(store: ObjectStore, reading: Reading<T>): Promise<T> {
  let step = reading.next([]);
  while (step.done !== true) step = reading.next(await Promise.all(step.value.map(({ key, range }) => store.get(key, range))));
  return step.value;
}

export function writeSync<T>(store: ObjectStore, writing: Writing<T>): T {
  let step = writing.next();
  while (step.done !== true) {
    putSync(store, step.value);
    step = writing.next();
  }
  return step.value;
}

export async function write<T>(store: ObjectStore, writing: Writing<T>): Promise<T> {
  let step = writing.next();
  while (step.done !== true) {
    await put(store, step.value);
    step = writing.next();
  }
  return step.value;
}

/** Runs the work without writing: for what it answers. */
export function writeNothing<T>(writing: Writing<T>): T {
  let step = writing.next();
  while (step.done !== true) step = writing.next();
  return step.value;
}

function putSync(store: ObjectStore, { part, chunks }: Put): void {
  const key = blobKey(part);
  if (store.hasSync(key) && (store.remote || isIntact(part, store.getSync(key)))) return;
  store.putSync(key, chunks());
}

async function put(store: ObjectStore, { part, chunks }: Put): Promise<void> {
  const key = blobKey(part);
  if ((await store.has(key)) && (store.remote || isIntact(part, await store.get(key)))) return;
  await store.put(key, chunks());
}

/** A file that a disk has damaged is written anew by the next who stores the same; a bucket looks after its objects itself. */
function isIntact(part: BlobPart, stored: Uint8Array | undefined): boolean {
  return stored !== undefined && "bytes" in blobContent(part, stored);
}
