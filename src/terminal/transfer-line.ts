/** What a line is written to: a process's stdout or stderr. */
export interface LineStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Milliseconds between two pictures of the line. */
const REFRESH_MS = 100;

/** One line that tells how far something has come: on a terminal it changes in place, elsewhere its end alone is printed. */
export class TransferLine {
  readonly #stream: LineStream;
  readonly #verb: string;
  #shownAt = 0;

  /** @param verb What is done: `downloading`. */
  constructor(stream: LineStream, verb: string) {
    this.#stream = stream;
    this.#verb = verb;
  }

  show(text: string): void {
    if (this.#stream.isTTY !== true || performance.now() - this.#shownAt < REFRESH_MS) return;
    this.#shownAt = performance.now();
    this.#stream.write(`\r\u001b[K${this.#verb} ${text}`);
  }

  end(text: string): void {
    this.#stream.write(`${this.#stream.isTTY === true ? "\r\u001b[K" : ""}${this.#verb} ${text}\n`);
  }
}
