import type { BlobPart } from "../../core/artifact-ref.js";
import type { ObjectInfo, ObjectStore } from "../../store/object-store.js";
import { condemnedKey } from "../layout.js";
import { condemnedCopy } from "../condemned-blobs.js";
import { blobContent } from "./blob-content.js";
import { blobKey } from "./blob-key.js";
import type { Put } from "./store-calls.js";

/**
 * A blob younger than this is no clean-up's prey, so that who finds it may just refer to it. Half of what a clean-up
 * lets pass, so that clocks may differ by the other half.
 */
export const FRESH_MS = 30 * 60 * 1000;

/**
 * Stores a blob, unless it is there, and tells the part to refer to. A blob that was there long before is written again:
 * that makes it young, and no clean-up that looks at it from now on takes it. One that has looked already says so; then a
 * copy is stored under a name that it cannot have chosen. This holds for a young one too: another writer may have made it
 * young after the clean-up's last look.
 */
export function storeBlobSync(store: ObjectStore, { part, chunks }: Put): BlobPart {
  const key = blobKey(part);
  const found = store.statSync(key);
  if (found === undefined || !isHereSync(store, part, found)) store.putSync(key, chunks());
  if (found === undefined) return part;
  const copy = condemnedCopy(key, store.getSync(condemnedKey(key)));
  if (copy === undefined) {
    // A clean-up may have come and gone between the two looks.
    if (store.statSync(key) === undefined) store.putSync(key, chunks());
    return part;
  }
  const copied = { ...part, copy };
  store.putSync(blobKey(copied), chunks());
  return copied;
}

/**
 * Blobs up to this size are sent without a look whether they are there: most are new, and the store takes none that is there
 * already.
 */
const UNSEEN_BYTES = 4 * 1024 * 1024;

/** As {@link storeBlobSync}, for several blobs: at once where the store takes its time. */
export function storeBlobs(store: ObjectStore, puts: readonly Put[]): readonly BlobPart[] {
  return beginBlobs(store, puts)();
}

/** Begins to store blobs; what it answers waits for them. */
export function beginBlobs(store: ObjectStore, puts: readonly Put[]): () => readonly BlobPart[] {
  const { beginPut } = store;
  if (beginPut === undefined) return () => puts.map((put) => storeBlobSync(store, put));
  const isUnseen = ({ part }: Put): boolean => part.size <= UNSEEN_BYTES || store.statSync(blobKey(part)) === undefined;
  const begun = puts.map((put) => ({
    put,
    isNew: isUnseen(put) ? beginPut.call(store, blobKey(put.part), put.chunks(), { ifAbsent: true }) : () => false,
  }));
  return () => begun.map(({ put, isNew }) => (isNew() ? put.part : storeBlobSync(store, put)));
}

/** As {@link storeBlobSync}, without blocking. */
export async function storeBlob(store: ObjectStore, { part, chunks }: Put): Promise<BlobPart> {
  const key = blobKey(part);
  if (store.remote && part.size <= UNSEEN_BYTES && (await store.put(key, chunks(), { ifAbsent: true }))) return part;
  const found = await store.stat(key);
  if (found === undefined || !(await isHere(store, part, found))) await store.put(key, chunks());
  if (found === undefined) return part;
  const copy = condemnedCopy(key, await store.get(condemnedKey(key)));
  if (copy === undefined) {
    if ((await store.stat(key)) === undefined) await store.put(key, chunks());
    return part;
  }
  const copied = { ...part, copy };
  await store.put(blobKey(copied), chunks());
  return copied;
}

/**
 * Sees to it that a blob may be referred to by one who does not have its bytes.
 * @returns False when it is not there, is about to be deleted, or is damaged: then it has to be stored.
 */
export async function renewBlob(store: ObjectStore, part: BlobPart): Promise<boolean> {
  const key = blobKey(part);
  const found = await store.stat(key);
  if (found === undefined || !(await isHere(store, part, found, { hasBytes: false }))) return false;
  if (condemnedCopy(key, await store.get(condemnedKey(key))) !== undefined) return false;
  return (await store.stat(key)) !== undefined;
}

/**
 * Whether a blob that was found need not be written. An old one is made young where that spares its way there; on a disk to write it is no
 * more than to read whether it is intact.
 */
async function isHere(store: ObjectStore, part: BlobPart, { modifiedAt }: ObjectInfo, { hasBytes = true } = {}): Promise<boolean> {
  const key = blobKey(part);
  if (!isFresh(modifiedAt) && ((!store.remote && hasBytes) || !(await store.touch(key)))) return false;
  return store.remote || isIntact(part, await store.get(key));
}

function isHereSync(store: ObjectStore, part: BlobPart, { modifiedAt }: ObjectInfo): boolean {
  const key = blobKey(part);
  if (!isFresh(modifiedAt)) return store.remote && store.touchSync(key);
  return store.remote || isIntact(part, store.getSync(key));
}

const isFresh = (modifiedAt: number): boolean => Date.now() - modifiedAt < FRESH_MS;

/** A file that a disk has damaged is written anew by the next who stores the same; a bucket looks after its objects itself. */
function isIntact(part: BlobPart, stored: Uint8Array | undefined): boolean {
  return stored !== undefined && "bytes" in blobContent(part, stored);
}
