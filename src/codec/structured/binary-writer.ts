import { binaryCode, bytesOf, type BinaryType, type BinaryValue } from "../binary-types.js";
import type { BlockWriter } from "./block-writer.js";
import { RUN_BYTES, Tag } from "./format.js";
import type { SharedMemory, SharedRange } from "./shared-memory.js";

/** Writes a value's binary values: small ones into the stream, large ones as runs of their own, memory they share once. */
export class BinaryWriter {
  readonly #out: BlockWriter;
  readonly #memory: SharedMemory;
  readonly #runs: Uint8Array[] = [];
  /** Shared bytes that were written, by their number. */
  readonly #shared = new Map<SharedRange, number>();

  constructor(out: BlockWriter, memory: SharedMemory) {
    this.#out = out;
    this.#memory = memory;
  }

  /** What stands behind the stream, in order. */
  get runs(): readonly Uint8Array[] {
    return this.#runs;
  }

  /** Writes the number of a new run. */
  addRun(bytes: Uint8Array): void {
    // The stream itself is run 0.
    this.#out.varint(this.#runs.push(bytes));
  }

  /** @throws MemoryOverlap when it shares memory with one that was written as if it did not. */
  write(value: BinaryValue, type: BinaryType): void {
    const range = this.#memory.rangeOf(value);
    if (range !== undefined) {
      this.#writeShared(value, type, range);
      return;
    }
    const isRun = value.byteLength >= RUN_BYTES;
    this.#out.tag(isRun ? Tag.RunBinary : Tag.Binary);
    this.#out.byte(binaryCode(type));
    if (isRun) this.addRun(bytesOf(value));
    else {
      this.#out.varint(value.byteLength);
      this.#out.raw(bytesOf(value));
    }
  }

  #writeShared(value: BinaryValue, type: BinaryType, range: SharedRange): void {
    const isView = ArrayBuffer.isView(value);
    let number = this.#shared.get(range);
    if (number === undefined) {
      number = this.#shared.size;
      this.#shared.set(range, number);
      this.#out.tag(Tag.SharedBytes);
      this.#out.varint(range.end - range.start);
      this.#out.raw(new Uint8Array(isView ? value.buffer : value, range.start, range.end - range.start));
    }
    this.#out.tag(Tag.SharedBinary);
    this.#out.byte(binaryCode(type));
    this.#out.varint(number);
    this.#out.varint((isView ? value.byteOffset : 0) - range.start);
    this.#out.varint(value.byteLength);
  }
}
