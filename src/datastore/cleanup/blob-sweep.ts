import type { ObjectInfo, ObjectStore } from "../../store/object-store.js";
import { FRESH_MS } from "../artifacts/blob-storing.js";
import { encodeCondemned } from "../condemned-blobs.js";
import { blobsPrefix, condemnedKey } from "../layout.js";
import type { Claim } from "./claim.js";

/** What is younger than this stays, referred to or not: who stored it may be about to refer to it. */
export const GRACE_MS = 2 * FRESH_MS;

/** Objects, and how many bytes they are in all. */
export interface Amount {
  readonly count: number;
  readonly bytes: number;
}

export interface SweptBlobs {
  /** Deleted or, without a claim, to be deleted. */
  readonly unused: Amount;
  /** No run refers to them, but they are too young to go. */
  readonly recent: Amount;
}

/** Deletes the blobs that are not among the keys and older than the horizon; without a claim it only counts them. */
export async function sweepBlobs(store: ObjectStore, keep: ReadonlySet<string>, horizon: number, claim: Claim | undefined): Promise<SweptBlobs> {
  let unused = nothing;
  let recent = nothing;
  for (const folder of await store.listNames(blobsPrefix)) {
    const old: ObjectInfo[] = [];
    for await (const blob of store.list(blobsPrefix + folder)) {
      if (keep.has(blob.key)) continue;
      if (blob.modifiedAt < horizon) old.push(blob);
      else recent = plus(recent, blob);
    }
    const gone = claim === undefined ? old : await deleteOld(store, old, horizon, claim);
    for (const blob of gone) unused = plus(unused, blob);
    const isGone = new Set(gone.map(({ key }) => key));
    for (const blob of old) if (!isGone.has(blob.key)) recent = plus(recent, blob);
  }
  return { unused, recent };
}

/**
 * First says which blobs are to go, then looks again how old they are, then deletes: who found one of them before that,
 * and made it young to refer to it, is seen by the second look; who finds one later sees what was said, and stores a copy.
 */
async function deleteOld(store: ObjectStore, old: readonly ObjectInfo[], horizon: number, claim: Claim): Promise<readonly ObjectInfo[]> {
  const [first] = old;
  if (first === undefined) return [];
  await claim.renew();
  const note = condemnedKey(first.key);
  const condemned = encodeCondemned(
    claim.token,
    old.map(({ key }) => key),
  );
  // One that is there is of a clean-up that broke off not long ago: what it sent may yet arrive. And what is written only if there is
  // none cannot, arriving late, take the place of another's.
  if (!(await store.put(note, [condemned], { ifAbsent: true }))) return [];
  const again = await Promise.all(old.map(({ key }) => store.stat(key)));
  const gone = again.filter((blob) => blob !== undefined && blob.modifiedAt < horizon).filter((blob) => blob !== undefined);
  await claim.delete(gone.map(({ key }) => key));
  // A note that stays is no harm: who finds one of its blobs stores a copy, and the next clean-up takes it away.
  await store.delete(note).catch(() => {});
  return gone;
}

const nothing: Amount = { count: 0, bytes: 0 };

export function plus({ count, bytes }: Amount, { size }: Pick<ObjectInfo, "size">): Amount {
  return { count: count + 1, bytes: bytes + size };
}
