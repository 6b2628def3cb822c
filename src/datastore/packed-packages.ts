import type { BlobPart } from "../core/artifact-ref.js";
import { isMillraceError } from "../core/errors/millrace-error.js";
import { LAYOUT_VERSION } from "../core/records.js";
import type { RemoteArchive } from "../core/remote-job.js";
import type { ObjectStore } from "../store/object-store.js";
import { renewBlob } from "./artifacts/blob-storing.js";
import { packagesKey } from "./layout.js";
import { decodeRecord, encodeRecord } from "./record-file.js";

/** Packages of a lockfile, for a platform. */
export interface PackagesName {
  /** `linux-x64`. */
  readonly platform: string;
  /** Tells what is packed. */
  readonly key: string;
}

/** Where an archive of packages is. Nobody relies on it: when it or the archive is gone, they are packed again. */
export interface PackagesRecord {
  readonly format: number;
  readonly archive: RemoteArchive;
  /** The blob that it is. */
  readonly part: BlobPart;
}

/** The archive of packages that somebody has packed; undefined when there is none that may be referred to. */
export async function findPackages(store: ObjectStore, { platform, key }: PackagesName): Promise<RemoteArchive | undefined> {
  const found = readPackages(await store.get(packagesKey(platform, key)));
  return found !== undefined && (await renewBlob(store, found.part)) ? found.archive : undefined;
}

/** Tells others of an archive that is stored. */
export async function notePackages(
  store: ObjectStore,
  { platform, key }: PackagesName,
  stored: Pick<PackagesRecord, "archive" | "part">,
): Promise<void> {
  const record: PackagesRecord = { format: LAYOUT_VERSION, ...stored };
  await store.put(packagesKey(platform, key), [encodeRecord(JSON.stringify(record))]);
}

/** Undefined when there is no record, or it is damaged. */
export function readPackages(bytes: Uint8Array | undefined): PackagesRecord | undefined {
  if (bytes === undefined) return undefined;
  try {
    return decodeRecord<PackagesRecord>(bytes, "packed packages", "packages");
  } catch (error) {
    if (!isMillraceError(error, "record-damaged")) throw error;
    return undefined;
  }
}
