import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";

/** Bytes read at once: a flood of output must not hold up the scheduler. */
const MOST_AT_ONCE = 4 * 1024 * 1024;

/**
 * Reads a file that another machine writes to, as it grows. It is opened anew each time: only then does a shared file
 * system have to say what is in it now.
 */
export class LogTail {
  readonly #path: string;
  #read = 0;
  #decoder = new StringDecoder("utf8");

  constructor(path: string) {
    this.#path = path;
  }

  /** Text that is new since the last call, whole characters only; empty when the file is not there. */
  readNew(): string {
    const found = readFrom(this.#path, this.#read, MOST_AT_ONCE);
    if (found === undefined) return "";
    if (found.size < this.#read) {
      // Somebody has emptied it, or it was begun anew.
      this.#read = 0;
      this.#decoder = new StringDecoder("utf8");
      return this.readNew();
    }
    this.#read += found.bytes.length;
    return this.#decoder.write(found.bytes);
  }
}

/** The last part of a file, and how many bytes stand before it; undefined when there is none. */
export function readTail(
  path: string,
  maxBytes: number,
): { readonly bytes: Uint8Array; readonly before: number; readonly modifiedAt: number } | undefined {
  const size = readFrom(path, 0, 0)?.size;
  if (size === undefined) return undefined;
  const before = Math.max(0, size - maxBytes);
  const found = readFrom(path, before, maxBytes);
  return found && { bytes: found.bytes, before, modifiedAt: found.modifiedAt };
}

function readFrom(
  path: string,
  offset: number,
  maxBytes: number,
): { readonly bytes: Buffer; readonly size: number; readonly modifiedAt: number } | undefined {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    // Not there yet, or on no file system that this machine sees.
    return undefined;
  }
  try {
    const { size, mtimeMs } = fstatSync(file);
    const buffer = Buffer.alloc(Math.max(0, Math.min(size - offset, maxBytes)));
    let filled = 0;
    while (filled < buffer.length) {
      const count = readSync(file, buffer, filled, buffer.length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return { bytes: buffer.subarray(0, filled), size, modifiedAt: mtimeMs };
  } finally {
    closeSync(file);
  }
}
