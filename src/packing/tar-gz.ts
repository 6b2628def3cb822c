import { gzipSync } from "node:zlib";

/** Two empty blocks: the end of a tar archive. */
const END_BYTES = 1024;

/** Several of our archives as one that people's tools read. */
export function pack(archives: readonly Uint8Array[]): Uint8Array {
  const files = archives.map((tar) => tar.subarray(0, tar.length - END_BYTES));
  return gzipSync(Buffer.concat([...files, Buffer.alloc(END_BYTES)]));
}
