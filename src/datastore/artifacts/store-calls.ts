import type { BlobPart } from "../../core/artifact-ref.js";
import type { ByteRange, ObjectStore } from "../../store/object-store.js";
import { storeBlob, storeBlobSync } from "./blob-storing.js";

/** An object to read. */
export interface Get {
  readonly key: string;
  readonly range?: ByteRange;
}

/** A blob to store, unless it is there. Its chunks are made only if it is written. */
export interface Put {
  readonly part: BlobPart;
  readonly chunks: () => readonly Uint8Array[];
}

export type Fetched = readonly (Uint8Array | undefined)[];

/** Work that asks for objects and is given them: the same code serves synchronous and asynchronous callers. */
export type Reading<T> = Generator<readonly Get[], T, Fetched>;

/** Work that hands out blobs to store, and is told the part under which each is. */
export type Writing<T> = Generator<Put, T, BlobPart>;

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
  while (step.done !== true) step = writing.next(storeBlobSync(store, step.value));
  return step.value;
}

export async function write<T>(store: ObjectStore, writing: Writing<T>): Promise<T> {
  let step = writing.next();
  while (step.done !== true) step = writing.next(await storeBlob(store, step.value));
  return step.value;
}

/** Runs the work without writing: for what it answers. */
export function writeNothing<T>(writing: Writing<T>): T {
  let step = writing.next();
  while (step.done !== true) step = writing.next(step.value.part);
  return step.value;
}
