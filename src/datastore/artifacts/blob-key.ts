import type { BlobPart } from "../../core/artifact-ref.js";
import { blobsPrefix } from "../layout.js";

/** The key of a content-addressed object: under its hash, with the copy and the compression as suffixes. */
export function blobKey({ hash, compression, copy }: Pick<BlobPart, "hash" | "compression" | "copy">): string {
  return `${blobsPrefix}${hash.slice(0, 2)}/${hash}${copy === undefined ? "" : `~${copy}`}${compression === undefined ? "" : `.${compression}`}`;
}
