import type { Writable } from "node:stream";

/** Takes text to show. */
export interface TextSink {
  write(text: string): void;
  /** Resolves when everything written has left, or cannot leave any more. */
  flush(): Promise<void>;
}

/** Characters kept back before they are written at once. */
const FULL = 64 * 1024;

/**
 * Writes to a stream in batches: many small writes within one turn of the event loop are one. When the reader has gone
 * (`| head`, a closed terminal), it falls silent: a run does not end because nobody watches.
 */
export class StreamSink implements TextSink {
  #parts: string[] = [];
  #size = 0;
  #scheduled = false;
  #broken = false;
  readonly #stream: Writable;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on("error", () => {
      this.#broken = true;
      this.#parts = [];
    });
  }

  /** Nobody can read what is written any more. */
  get isBroken(): boolean {
    return this.#broken;
  }

  write(text: string): void {
    if (this.#broken || text === "") return;
    this.#parts.push(text);
    this.#size += text.length;
    if (this.#size >= FULL) this.#send();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#send();
      });
    }
  }

  /** Writes bytes as they are. */
  writeBytes(bytes: Uint8Array): void {
    this.#send();
    if (!this.#broken) this.#stream.write(bytes);
  }

  async flush(): Promise<void> {
    this.#send();
    if (this.#broken) return;
    // An empty write is called back once all before it has left; with an error when the reader has gone.
    await new Promise<void>((resolve) => this.#stream.write("", () => resolve()));
  }

  #send(): void {
    if (this.#parts.length === 0 || this.#broken) return;
    const text = this.#parts.join("");
    this.#parts = [];
    this.#size = 0;
    this.#stream.write(text);
  }
}
