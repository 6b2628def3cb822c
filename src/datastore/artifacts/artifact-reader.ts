import { isInline, type ArtifactRef, type BlobArtifact, type BlobPart } from "../../core/artifact-ref.js";
import { MillraceError } from "../../core/errors/millrace-error.js";
import type { ObjectStore } from "../../store/object-store.js";
import type { StoredValue } from "../../codec/encoded-value.js";
import { decodeValue, runSizes, type DecodeOptions } from "../../codec/value-codec.js";
import { blobKey } from "./blob-key.js";
import { blobContent } from "./blob-content.js";
import { LIST_CODEC } from "./list-artifact.js";
import { read, readSync, type Reading } from "./store-calls.js";

/** Parts read at once where the store takes its time. */
const PARTS_AT_ONCE = 4;

/** Reads stored values; every byte that comes from a blob is checked against its hash. */
export class ArtifactReader {
  readonly #store: ObjectStore;
  readonly #options: DecodeOptions;

  constructor(store: ObjectStore, options: DecodeOptions = {}) {
    this.#store = store;
    this.#options = options;
  }

  /**
   * The value of a ref: each time a new one, which the caller may change.
   * @param name What people call it: a pathspec, `Score/12/start/0/rows`.
   * @throws MillraceError `artifact-damaged`, `artifact-missing`, `codec-missing`, `codec-failed`, `encoding-unknown` …
   */
  read(ref: ArtifactRef, name: string): unknown {
    return readSync(this.#store, this.reading(ref, name, this.#store.prefetch === undefined ? 1 : PARTS_AT_ONCE));
  }

  /** `read`, without blocking. */
  async load(ref: ArtifactRef, name: string): Promise<unknown> {
    return read(this.#store, this.reading(ref, name, PARTS_AT_ONCE));
  }

  /** The work of reading a value, without a store's calls. */
  *reading(ref: ArtifactRef, name: string, partsAtOnce: number): Reading<unknown> {
    if (ref.codec === LIST_CODEC) return yield* this.#list(ref, name, partsAtOnce);
    return decodeValue(yield* fetching(ref, name, partsAtOnce), name, this.#options);
  }

  *#list(ref: ArtifactRef, name: string, partsAtOnce: number): Reading<unknown[]> {
    const stored = yield* fetching(ref, name, partsAtOnce);
    const refs = ("value" in stored ? stored.value : JSON.parse(Buffer.concat(stored.runs).toString())) as readonly unknown[];
    const list: unknown[] = [];
    for (const [index, element] of refs.entries()) {
      for (const next of refs.slice(index + 1, index + 1 + ELEMENTS_AHEAD)) prefetchArtifact(this.#store, next as ArtifactRef);
      list.push(yield* this.reading(element as ArtifactRef, `${name}[${index}]`, partsAtOnce));
    }
    return list;
  }
}

/** Elements of a list that are read ahead, where the store takes its time. */
const ELEMENTS_AHEAD = 16;

/** Begins to read a value's bytes, where the store takes its time: its first parts, of one that has many. */
export function prefetchArtifact(store: ObjectStore, ref: ArtifactRef): void {
  if (store.prefetch === undefined || isInline(ref)) return;
  for (const part of ref.parts.slice(0, PARTS_AT_ONCE)) store.prefetch(blobKey(part), part.size);
}

/** A ref's content, checked. */
export function* fetching(ref: ArtifactRef, name: string, partsAtOnce: number): Reading<StoredValue> {
  const { codec, meta } = ref;
  if (!isInline(ref)) return { codec, meta, runs: yield* blobRuns(ref, name, partsAtOnce) };
  if (ref.value !== undefined) return { codec, meta, value: ref.value };
  return { codec, meta, runs: [new Uint8Array(Buffer.from(ref.base64 ?? "", "base64"))] };
}

function* blobRuns(ref: BlobArtifact, name: string, partsAtOnce: number): Reading<Uint8Array[]> {
  const sizes = runSizes(ref.codec, ref.meta) ?? [ref.size];
  const runs: Uint8Array[] = [];
  let next = 0;
  for (const size of sizes) {
    const parts: BlobPart[] = [];
    for (let found = 0; found < size || parts.length === 0;) {
      const part = ref.parts[next++];
      if (part === undefined) throw damaged(name, { hash: ref.hash }, "has fewer parts than it should have");
      parts.push(part);
      found += part.size;
    }
    runs.push(yield* joined(parts, size, name, partsAtOnce));
  }
  return runs;
}

function* joined(parts: readonly BlobPart[], size: number, name: string, partsAtOnce: number): Reading<Uint8Array> {
  const [only, ...others] = parts;
  if (only !== undefined && others.length === 0) {
    const [bytes] = yield [{ key: blobKey(only) }];
    return content(only, bytes, name);
  }
  const whole = new Uint8Array(size);
  let offset = 0;
  for (let start = 0; start < parts.length; start += partsAtOnce) {
    const batch = parts.slice(start, start + partsAtOnce);
    const fetched = yield batch.map((part) => ({ key: blobKey(part), bytes: part.size }));
    for (const [index, part] of batch.entries()) {
      whole.set(content(part, fetched[index], name), offset);
      offset += part.size;
    }
  }
  return whole;
}

/** A blob's bytes as they were before compression, checked. */
export function content(part: BlobPart, bytes: Uint8Array | undefined, name: string): Uint8Array {
  if (bytes === undefined) throw new MillraceError("artifact-missing", { artifact: name, key: blobKey(part) });
  const found = blobContent(part, bytes);
  if ("bytes" in found) return found.bytes;
  throw damaged(name, part, found.reason, found.cause);
}

export function damaged(name: string, part: Pick<BlobPart, "hash" | "compression">, reason: string, cause?: unknown): MillraceError {
  return new MillraceError("artifact-damaged", { artifact: name, key: blobKey(part), reason }, { cause });
}
