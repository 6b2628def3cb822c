import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";

/** How hard values are compressed: quickly on this machine's disk, a little more on their way through a network. */
export interface CompressionPolicy {
  /** Smaller blobs are left as they are. */
  readonly minBytes: number;
  /** A sample must shrink to this share of its size. */
  readonly worthRatio: number;
  readonly quality: number;
  /** Raw bytes too, not only values that millrace encoded. */
  readonly binary: boolean;
}

const LOCAL: CompressionPolicy = { minBytes: 16 * 1024, worthRatio: 0.6, quality: 1, binary: false };
const REMOTE: CompressionPolicy = { minBytes: 4 * 1024, worthRatio: 0.9, quality: 3, binary: true };

export function compressionPolicy(remote: boolean): CompressionPolicy {
  return remote ? REMOTE : LOCAL;
}

const SAMPLE_BYTES = 16 * 1024;
const SAMPLES = 4;

/** Tries a few samples of the bytes. */
export function isWorthCompressing(chunks: readonly Uint8Array[], size: number, codec: string, policy: CompressionPolicy): boolean {
  if (size < policy.minBytes || (codec === "bytes" && !policy.binary)) return false;
  const sample = sampleOf(chunks, size);
  return compress([sample], policy.quality).length <= sample.length * policy.worthRatio;
}

/** All of a small value; of a larger one, pieces from all over it. */
function sampleOf(chunks: readonly Uint8Array[], size: number): Uint8Array {
  if (size <= SAMPLE_BYTES * SAMPLES) return Buffer.concat(chunks);
  const stride = (size - SAMPLE_BYTES) / (SAMPLES - 1);
  const pieces: Uint8Array[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) pieces.push(...slice(chunks, Math.floor(sample * stride), SAMPLE_BYTES));
  return Buffer.concat(pieces);
}

function slice(chunks: readonly Uint8Array[], start: number, length: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let position = 0;
  for (const chunk of chunks) {
    const from = Math.max(start - position, 0);
    const to = Math.min(start + length - position, chunk.length);
    if (from < to) pieces.push(chunk.subarray(from, to));
    position += chunk.length;
    if (position >= start + length) break;
  }
  return pieces;
}

export function compress(chunks: readonly Uint8Array[], quality: number): Uint8Array {
  const bytes = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  return brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
}

/** @throws Error when the bytes are not what `compress` made, or become more than `size`. */
export function decompress(bytes: Uint8Array, size: number): Uint8Array {
  return brotliDecompressSync(bytes, { maxOutputLength: Math.max(size, 1), chunkSize: Math.min(Math.max(size, 64), 16 * 1024 * 1024) });
}
