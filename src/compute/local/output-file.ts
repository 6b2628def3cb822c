import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";

/** Output that has been kept elsewhere is dropped from the file when there is more of it than this. */
const TRUNCATE_BYTES = 1024 * 1024;
const MOST_AT_ONCE = 4 * 1024 * 1024;

/**
 * The file that one stream of a task process goes to. Everything the process, its native code and its children print
 * ends up here, and a task's part of it is known by its offsets.
 */
export class OutputFile implements Disposable {
  readonly path: string;
  /** For the process to write to, always at the end, and to read its own output back. */
  readonly writeFd: number;
  readonly #readFd: number;
  #shown = 0;
  #taskStart = 0;
  #decoder = new StringDecoder("utf8");

  constructor(path: string) {
    this.path = path;
    this.writeFd = openSync(path, "a+");
    this.#readFd = openSync(path, "r+");
  }

  get taskStart(): number {
    return this.#taskStart;
  }

  /** A task is about to start: output from here on is its. */
  beginTask(): void {
    let size = fstatSync(this.#readFd).size;
    if (size > TRUNCATE_BYTES) {
      ftruncateSync(this.#readFd);
      size = 0;
    }
    this.#taskStart = this.#shown = size;
    this.#decoder = new StringDecoder("utf8");
  }

  /** Text printed since the last call; of a flood only so much at a time, the rest with the next call. */
  readNew(maxBytes = MOST_AT_ONCE): string {
    const size = fstatSync(this.#readFd).size;
    if (size <= this.#shown) return "";
    const bytes = this.#read(this.#shown, Math.min(size - this.#shown, maxBytes));
    this.#shown += bytes.length;
    return this.#decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  /** What the task printed, to at most that many bytes: the first half and the last. */
  readTask(maxBytes: number): { readonly bytes: Uint8Array; readonly dropped: number } {
    const size = Math.max(0, fstatSync(this.#readFd).size - this.#taskStart);
    if (size <= maxBytes) return { bytes: this.#read(this.#taskStart, size), dropped: 0 };
    const half = Math.floor(maxBytes / 2);
    const bytes = Buffer.concat([this.#read(this.#taskStart, half), this.#read(this.#taskStart + size - half, half)]);
    return { bytes, dropped: size - 2 * half };
  }

  #read(offset: number, length: number): Uint8Array {
    const buffer = Buffer.alloc(length);
    let filled = 0;
    while (filled < length) {
      const count = readSync(this.#readFd, buffer, filled, length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return buffer.subarray(0, filled);
  }

  [Symbol.dispose](): void {
    closeSync(this.writeFd);
    closeSync(this.#readFd);
  }
}
