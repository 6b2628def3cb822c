import type { ByteRange, ObjectStore } from "../../store/object-store.js";

/** An object to read. */
export interface Get {
  readonly key: string;
  readonly range?: ByteRange;
}

/** An object to write, unless it is there. Its chunks are made only if it is written. */
export interface Put {
  readonly key: string;
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

function putSync(store: ObjectStore, { key, chunks }: Put): void {
  if (!store.hasSync(key)) store.putSync(key, chunks(), { ifAbsent: true });
}

async function put(store: ObjectStore, { key, chunks }: Put): Promise<void> {
  if (!(await store.has(key))) await store.put(key, chunks(), { ifAbsent: true });
}
