import { isInline, type ArtifactRef, type BlobArtifact, type BlobPart } from "../../core/artifact-ref.js";
import { MillraceError } from "../../core/errors/millrace-error.js";
import type { ItemsRef } from "../../core/records.js";
import type { ObjectStore } from "../../store/object-store.js";
import { ArtifactReader, content } from "./artifact-reader.js";
import { blobKey } from "./blob-key.js";
import { ByteCache } from "./byte-cache.js";
import { parseEntry, type ItemEntry } from "./item-entry.js";
import { read, readSync, type Reading } from "./store-calls.js";

/** Blobs of packs up to this size are read whole when a second item of them is wanted. */
const WHOLE_BYTES = 16 * 1024 * 1024;
/** Up to this size, at once. */
const SMALL_BYTES = 256 * 1024;
/** Bytes kept for the items to come. */
const CACHE_BYTES = 64 * 1024 * 1024;

/** An item of a fan-out. */
export interface Item {
  readonly value: unknown;
  /** What the fan-out's `label` option called it. */
  readonly label: string | undefined;
}

/** Reads single items of fan-outs. Keep one a process: what it has read of a pack serves the items after it. */
export class ItemsReader {
  readonly #store: ObjectStore;
  readonly #artifacts: ArtifactReader;
  readonly #cache = new ByteCache<Uint8Array>(CACHE_BYTES);
  /** Blobs that an item was read from, by hash. */
  readonly #touched = new Set<string>();

  constructor(store: ObjectStore, artifacts: ArtifactReader = new ArtifactReader(store)) {
    this.#store = store;
    this.#artifacts = artifacts;
  }

  /**
   * One item, read without the others.
   * @param name What people call the fan-out's items: `Score/12/start/0 foreach`.
   * @throws MillraceError `artifact-damaged`, `artifact-missing` and others as `ArtifactReader.read`
   */
  async item(items: ItemsRef, index: number, name: string): Promise<Item> {
    return read(this.#store, this.#reading(items, index, `${name}[${index}]`));
  }

  /** `item`, while the caller waits. */
  itemSync(items: ItemsRef, index: number, name: string): Item {
    return readSync(this.#store, this.#reading(items, index, `${name}[${index}]`));
  }

  /** One item's label, without its value. */
  async label(items: ItemsRef, index: number, name: string): Promise<string | undefined> {
    return (await read(this.#store, this.#entry(items, index, `${name}[${index}]`))).label;
  }

  /** `label`, while the caller waits. */
  labelSync(items: ItemsRef, index: number, name: string): string | undefined {
    return readSync(this.#store, this.#entry(items, index, `${name}[${index}]`)).label;
  }

  *#reading(items: ItemsRef, index: number, name: string): Reading<Item> {
    const entry = yield* this.#entry(items, index, name);
    return { value: yield* this.#artifacts.reading(entry.ref, name, 1), label: entry.label };
  }

  *#entry(items: ItemsRef, index: number, name: string): Reading<ItemEntry> {
    if (!Number.isInteger(index) || index < 0 || index >= items.count) throw new RangeError(`there is no item ${index} of ${items.count}`);
    const place = yield* this.#slice(items.offsets, index * 8, 16, name);
    const view = new DataView(place.buffer, place.byteOffset, place.byteLength);
    const valid = place.byteLength === 16;
    const start = valid ? view.getFloat64(0, true) : 0;
    const end = valid ? view.getFloat64(8, true) : 0;
    const entry = start >= 0 && start < end ? parseEntry(yield* this.#slice(items.pack, start, end - start, name), index) : undefined;
    if (entry !== undefined) return entry;
    const key = isInline(items.pack) ? "the record" : blobKey({ hash: items.pack.hash });
    throw new MillraceError("artifact-damaged", { artifact: name, key, reason: "does not have the item that was written" });
  }

  *#slice(ref: ArtifactRef, offset: number, length: number, name: string): Reading<Uint8Array> {
    if (isInline(ref)) return inlineBytes(ref).subarray(offset, offset + length);
    const place = partAt(ref, offset);
    if (place === undefined) return new Uint8Array(0);
    const { part, start } = place;
    const whole = this.#cache.get(part.hash) ?? (yield* this.#whole(part, name));
    if (whole !== undefined) return whole.subarray(offset - start, offset - start + length);
    const key = blobKey(part);
    const [bytes] = yield [{ key, range: { offset: offset - start, length } }];
    if (bytes === undefined) throw new MillraceError("artifact-missing", { artifact: name, key });
    return bytes;
  }

  /** The whole part, when it is worth reading; undefined otherwise. */
  *#whole(part: BlobPart, name: string): Reading<Uint8Array | undefined> {
    const again = this.#touched.has(part.hash);
    this.#touched.add(part.hash);
    if (part.size > (again ? WHOLE_BYTES : SMALL_BYTES)) return undefined;
    const [bytes] = yield [{ key: blobKey(part) }];
    const whole = content(part, bytes, name);
    this.#cache.set(part.hash, whole, whole.length);
    return whole;
  }
}

/** Entries do not cross parts, so one part has all of it. */
function partAt(ref: BlobArtifact, offset: number): { readonly part: BlobPart; readonly start: number } | undefined {
  let start = 0;
  for (const part of ref.parts) {
    if (offset < start + part.size) return { part, start };
    start += part.size;
  }
  return undefined;
}

function inlineBytes(ref: ArtifactRef): Uint8Array {
  if (!isInline(ref)) return new Uint8Array(0);
  return typeof ref.value === "string" ? Buffer.from(ref.value) : Buffer.from(ref.base64 ?? "", "base64");
}
