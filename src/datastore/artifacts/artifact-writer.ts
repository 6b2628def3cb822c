import { isInline, type ArtifactRef, type BlobArtifact, type BlobPart, type InlineArtifact } from "../../core/artifact-ref.js";
import type { ObjectStore } from "../../store/object-store.js";
import { encodedSize, isEncodedJson, type EncodedBytes, type EncodedValue } from "../../codec/encoded-value.js";
import { ValueGroup } from "../../codec/value-group.js";
import { encodeValue } from "../../codec/value-codec.js";
import { cutParts, hashOfParts } from "./blob-parts.js";
import { compress, compressionPolicy, isWorthCompressing, type CompressionPolicy } from "./compression.js";
import { isListOfLarge, LIST_CODEC } from "./list-artifact.js";
import { sameContent } from "./same-content.js";
import { write, writeNothing, writeSync, type Put, type Writing } from "./store-calls.js";

/** Characters of a value that stands in a record. */
export const INLINE_LIMIT = 1024;
/** Characters of all values that stand in one record. */
export const INLINE_BUDGET = 16 * 1024;

/** How much may stand inline: counted down as values are written. */
export interface InlineRoom {
  /** Characters of one value. */
  readonly limit: number;
  /** Characters left in all. */
  left: number;
}

/** Throws when a value must not be stored. */
export type ArtifactGuard = (encoded: EncodedValue, path: string) => void;

/**
 * Stores the values of one task's attempt. An object that is written twice is encoded once, so write values when no
 * more user code will change them.
 */
export class ArtifactWriter {
  readonly #store: ObjectStore;
  readonly #policy: CompressionPolicy;
  readonly #room: InlineRoom;
  /** Refs of blobs, by the object they hold. */
  readonly #known = new WeakMap<object, ArtifactRef>();
  /** Refs of the elements of arrays of large values. */
  readonly #lists = new WeakMap<readonly unknown[], readonly ArtifactRef[]>();
  readonly #guard: ArtifactGuard | undefined;

  /** @param guard Looks at each value before it is stored. */
  constructor(store: ObjectStore, guard?: ArtifactGuard) {
    this.#store = store;
    this.#guard = guard;
    this.#policy = compressionPolicy(store.remote);
    this.#room = { limit: INLINE_LIMIT, left: INLINE_BUDGET };
  }

  /**
   * Stores a value; small ones come back inside the ref.
   * @param path What people call it: `this.rows`.
   * @throws MillraceError `value-not-storable`, `codec-failed`, `arrow-missing`, or the store's
   */
  write(value: unknown, path: string): ArtifactRef {
    return writeSync(this.#store, this.writing(value, path));
  }

  /** `write`, for stores that take their time. */
  async writeAsync(value: unknown, path: string): Promise<ArtifactRef> {
    return write(this.#store, this.writing(value, path));
  }

  /**
   * Stores a value that was loaded from a ref and may have been changed in place since.
   * @returns The same ref when it was not changed.
   */
  update(ref: ArtifactRef, value: unknown, path: string): ArtifactRef {
    return writeSync(this.#store, this.updating(ref, value, path));
  }

  /** `update`, for stores that take their time. */
  async updateAsync(ref: ArtifactRef, value: unknown, path: string): Promise<ArtifactRef> {
    return write(this.#store, this.updating(ref, value, path));
  }

  /** Whether a value that was loaded from a ref has been changed in place. Writes nothing. */
  hasChanged(ref: ArtifactRef, value: unknown, path: string): boolean {
    // A writer of its own: this one must not take for stored what is not.
    return isObject(value) && writeNothing(new ArtifactWriter(this.#store).updating(ref, value, path)) !== ref;
  }

  /** The work of storing a value, without a store's calls. `room` is the record's unless said otherwise. */
  *writing(value: unknown, path: string, room: InlineRoom = this.#room): Writing<ArtifactRef> {
    const known = isObject(value) ? this.#known.get(value) : undefined;
    if (known !== undefined) return known;
    return yield* this.#remembering(value, this.#place(yield* this.#encoding(value, path, room.limit), room, path));
  }

  /** One for the same attempt that remembers nothing of what it stores. */
  forgetful(): ArtifactWriter {
    return new ArtifactWriter(this.#store, this.#guard);
  }

  /** The work of storing a value that may have been changed, without a store's calls. */
  *updating(ref: ArtifactRef, value: unknown, path: string): Writing<ArtifactRef> {
    // The elements of a list are stored while it is encoded: first see, with a writer that remembers nothing, whether that is needed.
    if (ref.codec === LIST_CODEC && sameContent(ref, writeNothing(new ArtifactWriter(this.#store).#encoding(value, path, this.#room.limit))))
      return ref;
    const encoded = yield* this.#encoding(value, path, this.#room.limit);
    if (sameContent(ref, encoded)) return ref;
    return yield* this.#remembering(value, this.#place(encoded, this.#room, path));
  }

  *#remembering(value: unknown, placing: Writing<ArtifactRef>): Writing<ArtifactRef> {
    const ref = yield* placing;
    if (isObject(value) && !isInline(ref)) this.#known.set(value, ref);
    return ref;
  }

  /** Encodes a value; the elements of a list are stored on the way. */
  *#encoding(value: unknown, path: string, jsonLimit: number): Writing<EncodedValue> {
    const refs = Array.isArray(value) ? yield* this.elements(value, path) : undefined;
    return refs === undefined ? encodeValue(value, path, { jsonLimit }) : listOf(refs);
  }

  /** The work of storing the elements of an array of large values; undefined for others, and when they have something in common. */
  *elements(array: readonly unknown[], path: string): Writing<readonly ArtifactRef[] | undefined> {
    const known = this.#lists.get(array);
    if (known !== undefined || !isListOfLarge(array)) return known;
    const group = new ValueGroup();
    const refs: ArtifactRef[] = [];
    for (const [index, element] of array.entries()) {
      const encoded = group.encode(element, `${path}[${index}]`, { jsonLimit: 0 });
      if (encoded === undefined) return undefined;
      refs.push(yield* this.#remembering(element, this.#place(encoded, NO_ROOM, `${path}[${index}]`)));
    }
    this.#lists.set(array, refs);
    return refs;
  }

  *#place(encoded: EncodedValue, room: InlineRoom, path: string): Writing<ArtifactRef> {
    this.#guard?.(encoded, path);
    return inline(encoded, room) ?? (yield* this.#blob(encoded));
  }

  *#blob(encoded: EncodedValue): Writing<BlobArtifact> {
    const { codec, meta, runs } = asBytes(encoded);
    const parts: BlobPart[] = [];
    let puts: Put[] = [];
    for (const { hash, size, chunks } of cutParts(runs)) {
      const worth = isWorthCompressing(chunks, size, codec, this.#policy);
      const part: BlobPart = { hash, size, ...(worth && { compression: "br" }) };
      puts.push({ part, chunks: () => (worth ? [compress(chunks, this.#policy.quality)] : chunks) });
      if (puts.length < PARTS_AT_ONCE) continue;
      parts.push(...(yield puts));
      puts = [];
    }
    if (puts.length > 0) parts.push(...(yield puts));
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    return { codec, ...(meta !== undefined && { meta }), hash: hashOfParts(parts), size, parts };
  }
}

/** Parts of one value that are stored together. */
const PARTS_AT_ONCE = 4;

const NO_ROOM: InlineRoom = { limit: 0, left: 0 };

function listOf(refs: readonly ArtifactRef[]): EncodedValue {
  const text = JSON.stringify(refs);
  return { codec: LIST_CODEC, value: JSON.parse(text) as InlineArtifact["value"] & object, size: text.length };
}

/** The ref of a value that fits into the room left; undefined when it does not. */
function inline(encoded: EncodedValue, room: InlineRoom): InlineArtifact | undefined {
  const size = isEncodedJson(encoded) ? encoded.size : Math.ceil(encodedSize(encoded) / 3) * 4;
  if (size > room.limit || size > room.left || (!isEncodedJson(encoded) && encoded.runs.length > 1)) return undefined;
  room.left -= size;
  const { codec, meta } = encoded;
  const encoding = { codec, ...(meta !== undefined && { meta }) };
  if (isEncodedJson(encoded)) return { ...encoding, value: encoded.value };
  return { ...encoding, base64: Buffer.concat(encoded.runs.flat()).toString("base64") };
}

/** A JSON value as its text. */
function asBytes(encoded: EncodedValue): EncodedBytes {
  if (!isEncodedJson(encoded)) return encoded;
  return { codec: encoded.codec, ...(encoded.meta !== undefined && { meta: encoded.meta }), runs: [[Buffer.from(JSON.stringify(encoded.value))]] };
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
