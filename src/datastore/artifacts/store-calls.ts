import type { BlobPart } from "../../core/artifact-ref.js";
import type { ByteRange, ObjectStore } from "../../store/object-store.js";
import { beginBlobs, storeBlob, storeBlobs } from "./blob-storing.js";

/** An object to read. */
export interface Get {
  readonly key: string;
  readonly range?: ByteRange;
  /** About how many there are. */
  readonly bytes?: number;
}

/** A blob to store, unless it is there. Its chunks are made only if it is written. */
export interface Put {
  readonly part: BlobPart;
  readonly chunks: () => readonly Uint8Array[];
}

export type Fetched = readonly (Uint8Array | undefined)[];

/** Work that asks for objects and is given them: the same code serves synchronous and asynchronous callers. */
export type Reading<T> = Generator<readonly Get[], T, Fetched>;

/** Work that hands out blobs to store, several at once where it can, and is told the parts under which they are. */
export type Writing<T> = Generator<readonly Put[], T, readonly BlobPart[]>;

/** The work of storing one blob. */
export function* storing(put: Put): Writing<BlobPart> {
  const [part = put.part] = yield [put];
  return part;
}

export function readSync<T>(store: ObjectStore, reading: Reading<T>): T {
  let step = reading.next([]);
  while (step.done !== true) {
    const [, ...others] = step.value;
    // The others come while the first is waited for.
    for (const { key, range, bytes } of others) if (range === undefined) store.prefetch?.(key, bytes ?? 0);
    step = reading.next(step.value.map(({ key, range }) => store.getSync(key, range)));
  }
  return step.value;
}

export async function read<T>(store: ObjectStore, reading: Reading<T>): Promise<T> {
  let step = reading.next([]);
  while (step.done !== true) step = reading.next(await Promise.all(step.value.map(({ key, range }) => store.get(key, range))));
  return step.value;
}

export function writeSync<T>(store: ObjectStore, writing: Writing<T>): T {
  let step = writing.next();
  while (step.done !== true) step = writing.next(storeBlobs(store, step.value));
  return step.value;
}

export async function write<T>(store: ObjectStore, writing: Writing<T>): Promise<T> {
  let step = writing.next();
  while (step.done !== true) step = writing.next(await Promise.all(step.value.map((put) => storeBlob(store, put))));
  return step.value;
}

/** Runs the work without writing: for what it answers. */
export function writeNothing<T>(writing: Writing<T>): T {
  let step = writing.next();
  while (step.done !== true) step = writing.next(step.value.map(({ part }) => part));
  return step.value;
}

/** Bytes of blobs that wait for others, to be stored with them. */
const TOGETHER_BYTES = 64 * 1024 * 1024;

/**
 * Does several works, and stores the blobs of all of them together, as far as they fit into a bound of memory. A work whose blobs
 * cannot be stored is told so where it handed them out.
 */
export function writeTogether<T>(store: ObjectStore, writings: Iterable<Writing<T>>): T[] {
  const results: T[] = [];
  const open: { readonly place: number; readonly writing: Writing<T>; readonly puts: readonly Put[] }[] = [];
  const take = (place: number, writing: Writing<T>, step: IteratorResult<readonly Put[], T>): void => {
    if (step.done === true) results[place] = step.value;
    else open.push({ place, writing, puts: step.value });
  };
  const storeOpen = (): void => {
    while (open.length > 0) {
      const group = open.splice(0);
      const stored = group.map(({ puts }) => beginBlobs(store, puts));
      for (const [index, { place, writing }] of group.entries())
        take(
          place,
          writing,
          resume(writing, () => stored[index]?.() ?? []),
        );
    }
  };
  let place = 0;
  for (const writing of writings) {
    take(place++, writing, writing.next());
    const waiting = open.reduce((sum, { puts }) => sum + puts.reduce((bytes, { part }) => bytes + part.size, 0), 0);
    // A store that is at once ready gains nothing by waiting.
    if (store.beginPut === undefined || waiting >= TOGETHER_BYTES) storeOpen();
  }
  storeOpen();
  return results;
}

function resume<T>(writing: Writing<T>, parts: () => readonly BlobPart[]): IteratorResult<readonly Put[], T> {
  let stored: readonly BlobPart[];
  try {
    stored = parts();
  } catch (error) {
    return writing.throw(error);
  }
  return writing.next(stored);
}
