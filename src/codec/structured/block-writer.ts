import {
  BLOCK_BYTES,
  BLOCK_HEADER_BYTES,
  BLOCK_SLACK,
  FORMAT_VERSION,
  HAS_REFERENCES,
  RAW_INLINE,
  RECENT_LENGTH,
  RECENT_SLOTS,
  recentSlot,
  Tag,
  TEXT_LIMIT,
  TEXT_ENCODINGS,
} from "./format.js";

const FULL = BLOCK_BYTES - BLOCK_SLACK;

/** A block's memory; one is kept for the next writer. */
let spare: Uint8Array | undefined;

/** Writes tags, numbers, strings and raw bytes into blocks; the chunks add up to the stream. */
export class BlockWriter {
  readonly #chunks: Uint8Array[] = [];
  readonly #block: Uint8Array;
  readonly #view: DataView;
  #position = BLOCK_HEADER_BYTES;
  #texts: string[] = [];
  #textLength = 0;
  readonly #recent: string[] = [];

  constructor() {
    this.#block = spare ?? new Uint8Array(BLOCK_BYTES);
    spare = undefined;
    this.#view = new DataView(this.#block.buffer, this.#block.byteOffset, this.#block.byteLength);
    for (let slot = 0; slot < RECENT_SLOTS; slot++) this.#recent.push("");
  }

  /** Starts a value: here, and only here, a block may end. */
  tag(tag: number): void {
    if (this.#position > FULL) this.#endBlock();
    this.#block[this.#position++] = tag;
  }

  byte(value: number): void {
    this.#block[this.#position++] = value;
  }

  /** A whole number from 0 to 2^53 - 1. */
  varint(value: number): void {
    let rest = value;
    while (rest > 0x7fffffff) {
      this.#block[this.#position++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      this.#block[this.#position++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#block[this.#position++] = rest;
  }

  float(value: number): void {
    this.#view.setFloat64(this.#position, value, true);
    this.#position += 8;
  }

  number(value: number): void {
    const integer = value | 0;
    if (integer === value && (integer !== 0 || !Object.is(value, -0))) {
      if (integer >= 0) {
        if (integer < 128) {
          this.tag(128 | integer);
          return;
        }
        this.tag(Tag.Integer);
        this.varint(integer);
        return;
      }
      this.tag(Tag.NegativeInteger);
      this.varint(-1 - integer);
      return;
    }
    if (Number.isNaN(value)) {
      this.tag(Tag.NaN);
      return;
    }
    this.tag(Tag.Float);
    this.float(value);
  }

  string(text: string): void {
    const length = text.length;
    if (length === 0) {
      this.tag(Tag.EmptyString);
      return;
    }
    if (length <= RECENT_LENGTH) {
      const slot = recentSlot(text);
      if (this.#recent[slot] === text) {
        this.tag(Tag.RecentString);
        this.varint(slot);
        return;
      }
      this.#recent[slot] = text;
    }
    if (this.#textLength + length > TEXT_LIMIT && this.#textLength > 0) this.#endBlock();
    this.tag(Tag.String);
    this.varint(length);
    this.#texts.push(text);
    this.#textLength += length;
  }

  /** Bytes as they are; the reader knows how many. Long ones are not copied. */
  raw(bytes: Uint8Array): void {
    if (bytes.length > RAW_INLINE) {
      this.#endBlock();
      this.#chunks.push(bytes);
      return;
    }
    if (this.#position + bytes.length > BLOCK_BYTES) this.#endBlock();
    this.#block.set(bytes, this.#position);
    this.#position += bytes.length;
  }

  /** The stream's chunks; the writer is done. */
  finish(hasReferences: boolean): Uint8Array[] {
    if (this.#position > BLOCK_HEADER_BYTES) this.#endBlock();
    this.release();
    return [Uint8Array.of(FORMAT_VERSION, hasReferences ? HAS_REFERENCES : 0), ...this.#chunks];
  }

  /** Gives the block's memory to the next writer. */
  release(): void {
    spare = this.#block;
  }

  #endBlock(): void {
    const text = this.#texts.length === 1 ? (this.#texts[0] ?? "") : this.#texts.join("");
    const encoding = encodingOf(text);
    const bytes = Buffer.from(text, encoding);
    this.#view.setUint32(0, this.#position - BLOCK_HEADER_BYTES, true);
    this.#view.setUint32(4, bytes.length, true);
    this.#view.setUint32(8, TEXT_ENCODINGS.indexOf(encoding), true);
    this.#chunks.push(this.#block.slice(0, this.#position));
    if (bytes.length > 0) this.#chunks.push(bytes);
    this.#position = BLOCK_HEADER_BYTES;
    this.#texts = [];
    this.#textLength = 0;
  }
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** The first of the text encodings that keeps the text whole. */
function encodingOf(text: string): (typeof TEXT_ENCODINGS)[number] {
  if (Buffer.byteLength(text, "utf8") === text.length) return "latin1";
  return LONE_SURROGATE.test(text) ? "utf16le" : "utf8";
}
