import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";

/** Output that has been kept elsewhere is dropped from the file when there is more of it than this. */
const TRUNCATE_BYTES = 1024 * 1024;
/** Bytes. A flood of output must not hold up the scheduler. */
const MOST_AT_ONCE = 4 * 1024 * 1024;

/** What a task printed to one stream: all of it is the tail, unless there was too much. */
export interface TaskOutput {
  readonly head: Uint8Array;
  /** Bytes left out between the two. */
  readonly dropped: number;
  readonly tail: Uint8Array;
}

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
    return this.#show(Math.min(fstatSync(this.#readFd).size - this.#shown, maxBytes));
  }

  /** All that was printed up to now and not read yet, in pieces: a task has ended. */
  *readRest(): Generator<string> {
    // Something the task left behind may go on printing: not for ever.
    const end = fstatSync(this.#readFd).size;
    while (this.#shown < end) {
      const text = this.#show(Math.min(end - this.#shown, MOST_AT_ONCE));
      if (text === "") break;
      yield text;
    }
    const cut = this.#decoder.end();
    if (cut !== "") yield cut;
  }

  #show(length: number): string {
    if (length <= 0) return "";
    const bytes = this.#read(this.#shown, length);
    this.#shown += bytes.length;
    return this.#decoder.write(bytes);
  }

  /** What the task printed; of more than that many bytes, the first half and the last. */
  readTask(maxBytes: number): TaskOutput {
    const size = Math.max(0, fstatSync(this.#readFd).size - this.#taskStart);
    if (size <= maxBytes) return { head: Buffer.alloc(0), dropped: 0, tail: this.#read(this.#taskStart, size) };
    const half = Math.floor(maxBytes / 2);
    return { head: this.#read(this.#taskStart, half), dropped: size - 2 * half, tail: this.#read(this.#taskStart + size - half, half) };
  }

  #read(offset: number, length: number): Buffer {
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
