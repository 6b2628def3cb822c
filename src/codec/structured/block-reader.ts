import { BLOCK_HEADER_BYTES, FORMAT_VERSION, HAS_REFERENCES, RAW_INLINE, RECENT_LENGTH, recentSlot, Tag, tagOf, TEXT_ENCODINGS } from "./format.js";

/** Reads what `BlockWriter` wrote. */
export class BlockReader {
  /** Some object is mentioned more than once. */
  readonly hasReferences: boolean;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #position = 2;
  /** Where the block's body ends. */
  #end = 2;
  /** Where the next block, or raw bytes, start. */
  #next = 2;
  #text = "";
  #textPosition = 0;
  readonly #recent: string[] = [];

  /** @throws UnknownFormat when the stream is of a later version. */
  constructor(stream: Uint8Array) {
    this.#bytes = Buffer.from(stream.buffer, stream.byteOffset, stream.byteLength);
    this.#view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
    const version = this.#bytes[0] ?? 0;
    if (version !== FORMAT_VERSION) throw new UnknownFormat(version);
    this.hasReferences = ((this.#bytes[1] ?? 0) & HAS_REFERENCES) !== 0;
  }

  /** A tag, or above 127 an integer. */
  tag(): number {
    if (this.#position === this.#end) this.#nextBlock();
    return this.byte();
  }

  byte(): number {
    // The bytes' hash was checked, so the stream is whole.
    return this.#bytes[this.#position++] as number;
  }

  varint(): number {
    let byte = this.byte();
    if (byte < 128) return byte;
    let value = byte & 127;
    let factor = 128;
    do {
      byte = this.byte();
      value += (byte & 127) * factor;
      factor *= 128;
    } while (byte > 127);
    return value;
  }

  float(): number {
    const value = this.#view.getFloat64(this.#position, true);
    this.#position += 8;
    return value;
  }

  /** A string, its tag included. */
  string(): string {
    return this.stringOf(tagOf(this.tag()));
  }

  /** The string that the tag starts. */
  stringOf(tag: Tag): string {
    if (tag === Tag.RecentString) return this.#recent[this.varint()] as string;
    if (tag !== Tag.String) return "";
    const length = this.varint();
    const start = this.#textPosition;
    this.#textPosition = start + length;
    const text = length === this.#text.length ? this.#text : this.#text.slice(start, start + length);
    if (length <= RECENT_LENGTH) this.#recent[recentSlot(text)] = text;
    return text;
  }

  /** A view of so many raw bytes of the stream. */
  raw(length: number): Uint8Array {
    if (length === 0) return new Uint8Array(0);
    if (length > RAW_INLINE) {
      const start = this.#next;
      this.#next += length;
      return this.#bytes.subarray(start, start + length);
    }
    if (this.#position === this.#end) this.#nextBlock();
    this.#position += length;
    return this.#bytes.subarray(this.#position - length, this.#position);
  }

  #nextBlock(): void {
    const header = this.#next;
    const body = this.#view.getUint32(header, true);
    const text = this.#view.getUint32(header + 4, true);
    const encoding = TEXT_ENCODINGS[this.#view.getUint32(header + 8, true)];
    this.#position = header + BLOCK_HEADER_BYTES;
    this.#end = this.#position + body;
    this.#next = this.#end + text;
    this.#text = text === 0 ? "" : this.#bytes.toString(encoding, this.#end, this.#next);
    this.#textPosition = 0;
  }
}

/** Thrown for a stream of a version that this code does not know. */
export class UnknownFormat extends Error {
  readonly version: number;

  constructor(version: number) {
    super(`structured format ${version}`);
    this.version = version;
  }
}
