import type { BlobPart } from "../../core/artifact-ref.js";
import { hashOf } from "./blob-parts.js";
import { decompress } from "./compression.js";

/** A blob's bytes as they were before compression, or what is wrong with it. */
export type BlobContent = { readonly bytes: Uint8Array } | { readonly reason: string; readonly cause?: unknown };

/** Checks a blob's stored bytes against what its name says. */
export function blobContent(part: BlobPart, stored: Uint8Array): BlobContent {
  let bytes = stored;
  if (part.compression !== undefined) {
    try {
      bytes = decompress(stored, part.size);
    } catch (cause) {
      return { reason: "cannot be decompressed", cause };
    }
  }
  if (bytes.length !== part.size) return { reason: `has ${bytes.length} bytes instead of ${part.size}` };
  if (hashOf(bytes) !== part.hash) return { reason: "does not have the content that its name is the hash of" };
  return { bytes };
}
