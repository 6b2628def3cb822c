import { createHash, hash } from "node:crypto";
import type { BlobPart } from "../../core/artifact-ref.js";

/** Bytes of a blob at most: larger values are cut. */
export const PART_BYTES = 64 * 1024 * 1024;

/** A stretch of a value's bytes that becomes one blob. */
export interface Part {
  readonly hash: string;
  readonly size: number;
  readonly chunks: readonly Uint8Array[];
}

/** Cuts runs of bytes into parts, each of one run: views, not copies. A run may be empty; the first always has a part. */
export function* cutParts(runs: readonly (readonly Uint8Array[])[], partBytes = PART_BYTES): Generator<Part> {
  for (const [index, run] of runs.entries()) {
    let chunks: Uint8Array[] = [];
    let size = 0;
    for (const chunk of run) {
      for (let start = 0; start < chunk.length;) {
        const piece = chunk.subarray(start, start + partBytes - size);
        chunks.push(piece);
        size += piece.length;
        start += piece.length;
        if (size < partBytes) continue;
        yield partOf(chunks, size);
        chunks = [];
        size = 0;
      }
    }
    if (size > 0 || (index === 0 && run.every((chunk) => chunk.length === 0))) yield partOf(chunks, size);
  }
}

export function partOf(chunks: readonly Uint8Array[], size: number): Part {
  const [only, ...others] = chunks;
  if (only !== undefined && others.length === 0) return { hash: hashOf(only), size, chunks };
  const digest = createHash("sha256");
  for (const chunk of chunks) digest.update(chunk);
  return { hash: digest.digest("hex"), size, chunks };
}

/** The hash of a value whose parts have these hashes. */
export function hashOfParts(parts: readonly Pick<BlobPart, "hash">[]): string {
  const [first, ...rest] = parts;
  if (first !== undefined && rest.length === 0) return first.hash;
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part.hash);
  return digest.digest("hex");
}

export function hashOf(bytes: Uint8Array): string {
  return hash("sha256", bytes);
}
