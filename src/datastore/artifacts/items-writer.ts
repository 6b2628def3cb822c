import type { ArtifactRef, BlobPart } from "../../core/artifact-ref.js";
import type { ItemsRef } from "../../core/records.js";
import type { ObjectStore } from "../../store/object-store.js";
import type { ArtifactWriter } from "./artifact-writer.js";
import { hashOfParts, PART_BYTES, partOf } from "./blob-parts.js";
import { formatEntry } from "./item-entry.js";
import { storing, write, writeSync, type Writing } from "./store-calls.js";

/** Characters of an item that stands in the pack; larger ones are artifacts of their own. */
export const ITEM_LIMIT = 16 * 1024;
/** Bytes of a pack, and of its offsets, that stand in the record. */
const INLINE_PACK = 4 * 1024;
const INLINE_OFFSETS = 1024;
/** Text that is gathered before it becomes bytes. */
const GATHERED = 256 * 1024;

export const PACK_CODEC = "items";
export const OFFSETS_CODEC = "offsets";

export interface WriteItemsOptions {
  /** Names an item for people. */
  readonly label?: ((item: unknown) => string) | undefined;
  /** Stops after this many items, one at least. */
  readonly limit?: number;
  /** Hears how many items there are so far, after each. */
  readonly onCount?: (count: number) => void;
}

export interface WrittenItems {
  readonly items: ItemsRef;
  readonly count: number;
  /** The items' labels; undefined without the option. */
  readonly labels: readonly string[] | undefined;
}

/**
 * Stores the items of a fan-out so that each can be read alone. Items are taken one at a time and are let go once they
 * are stored; the source may be endless as long as there is a limit.
 * @param artifacts The attempt's writer: elements of an array that it has stored, or will store, are stored once.
 * @throws MillraceError `value-not-storable` (`foreach item [3].x`) and others as `ArtifactWriter.write`
 */
export async function writeItems(
  store: ObjectStore,
  artifacts: ArtifactWriter,
  source: Iterable<unknown> | AsyncIterable<unknown>,
  options: WriteItemsOptions = {},
): Promise<WrittenItems> {
  const limit = options.limit ?? Number.POSITIVE_INFINITY;
  // Code of the user's runs between the items of a generator and may use an object again for the next item, so each
  // is stored by a writer that remembers nothing. Nothing runs between the elements of an array.
  const memory = Array.isArray(source) ? artifacts : undefined;
  if (Array.isArray(source) && source.length <= limit) await write(store, artifacts.elements(source, "foreach item "));
  const pack = new ItemsPack();
  const labels: string[] | undefined = options.label === undefined ? undefined : [];
  const add = function* (item: unknown): Writing<void> {
    const label = options.label === undefined ? undefined : options.label(item);
    const writer = memory ?? artifacts.forgetful();
    yield* pack.add(yield* writer.writing(item, `foreach item [${pack.count}]`, { limit: ITEM_LIMIT, left: ITEM_LIMIT }), label);
    if (label !== undefined) labels?.push(label);
    options.onCount?.(pack.count);
  };
  if (Symbol.asyncIterator in source) {
    for await (const item of source) {
      await write(store, add(item));
      if (pack.count >= limit) break;
    }
  } else {
    for (const item of source) {
      if (store.remote) await write(store, add(item));
      else writeSync(store, add(item));
      if (pack.count >= limit) break;
    }
  }
  return { items: await write(store, pack.finish()), count: pack.count, labels };
}

/** The entries one after another, cut into parts between entries. */
class ItemsPack {
  count = 0;
  readonly #offsets: number[] = [0];
  readonly #parts: BlobPart[] = [];
  #text = "";
  #chunks: Uint8Array[] = [];
  #partSize = 0;
  #size = 0;

  *add(ref: ArtifactRef, label: string | undefined): Writing<void> {
    const line = formatEntry({ ref, ...(label !== undefined && { label }) }, this.count);
    const size = Buffer.byteLength(line);
    if (this.#partSize + size > PART_BYTES) yield* this.#endPart();
    this.#text += line;
    this.#partSize += size;
    this.#size += size;
    this.#offsets.push(this.#size);
    this.count++;
    if (this.#text.length > GATHERED) this.#gather();
  }

  *finish(): Writing<ItemsRef> {
    const offsets = new Uint8Array(Float64Array.from(this.#offsets).buffer);
    return { count: this.count, pack: yield* this.#finishPack(), offsets: yield* finishOffsets(offsets) };
  }

  *#finishPack(): Writing<ArtifactRef> {
    if (this.#size <= INLINE_PACK) return { codec: PACK_CODEC, value: this.#text };
    yield* this.#endPart();
    return { codec: PACK_CODEC, hash: hashOfParts(this.#parts), size: this.#size, parts: this.#parts };
  }

  #gather(): void {
    this.#chunks.push(Buffer.from(this.#text));
    this.#text = "";
  }

  *#endPart(): Writing<void> {
    this.#gather();
    const { hash, size, chunks } = partOf(this.#chunks, this.#partSize);
    this.#chunks = [];
    this.#partSize = 0;
    this.#parts.push(yield* storing({ part: { hash, size }, chunks: () => chunks }));
  }
}

function* finishOffsets(bytes: Uint8Array): Writing<ArtifactRef> {
  if (bytes.length <= INLINE_OFFSETS) return { codec: OFFSETS_CODEC, base64: Buffer.from(bytes).toString("base64") };
  const { hash, size, chunks } = partOf([bytes], bytes.length);
  const part = yield* storing({ part: { hash, size }, chunks: () => chunks });
  return { codec: OFFSETS_CODEC, hash, size, parts: [part] };
}
