import type { BlobPart } from "../../core/artifact-ref.js";

/** Where all blobs are. */
export const blobsPrefix = "blobs/";

/** The key of a content-addressed object: under its hash, with the compression as a suffix. */
export function blobKey({ hash, compression }: Pick<BlobPart, "hash" | "compression">): string {
  return `${blobsPrefix}${hash.slice(0, 2)}/${hash}${compression === undefined ? "" : `.${compression}`}`;
}
