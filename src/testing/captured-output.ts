import { Console } from "node:console";
import { Writable } from "node:stream";
import type { Clock } from "../core/clock.js";
import type { SecretMask } from "../core/secret-mask.js";
import { maskPieces } from "../datastore/masked-pieces.js";
import type { LogPiece, LogStream } from "../datastore/task-log.js";
import type { RecordedOutput, TaskOutput } from "../task/workplace.js";

/** What one attempt printed, kept in memory. */
export class CapturedOutput implements TaskOutput {
  readonly #clock: Clock;
  readonly #onText: (stream: LogStream, text: string) => void;
  readonly #pieces: LogPiece[] = [];
  #console: Console | undefined;
  #ended = false;
  #mask: SecretMask | undefined;
  /** The console is printing: what reaches the process's streams meanwhile has been noted. */
  printing = false;

  constructor(clock: Clock, onText: (stream: LogStream, text: string) => void = () => {}) {
    this.#clock = clock;
    this.#onText = onText;
  }

  /** Formats what the step prints as the real one does. */
  get console(): Console {
    this.#console ??= new Console({ stdout: this.#sink("stdout"), stderr: this.#sink("stderr"), colorMode: false });
    return this.#console;
  }

  begin(): void {}

  hide(_values: readonly string[], mask: SecretMask): void {
    this.#mask = mask;
  }

  say(line: string): void {
    this.add("stderr", `${line}\n`);
  }

  /** Notes what was printed; not what a step that has ended still prints. */
  add(stream: LogStream, chunk: string | Uint8Array): void {
    if (this.#ended) return;
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : Uint8Array.from(chunk);
    this.#pieces.push({ time: this.#clock.now(), stream, bytes });
    const text = Buffer.from(bytes).toString();
    this.#onText(stream, this.#mask?.text(text) ?? text);
  }

  /** All of it, whatever the limit. */
  end(): RecordedOutput | undefined {
    this.#ended = true;
    return this.soFar();
  }

  soFar(): RecordedOutput | undefined {
    if (this.#pieces.length === 0) return undefined;
    const pieces = this.#mask === undefined ? this.#pieces : maskPieces(this.#mask, this.#pieces);
    return { pieces, stdoutBytes: this.#bytes("stdout").length, stderrBytes: this.#bytes("stderr").length, droppedBytes: 0 };
  }

  text(stream: LogStream): string {
    const text = this.#bytes(stream).toString();
    return this.#mask?.text(text) ?? text;
  }

  #bytes(stream: LogStream): Buffer {
    return Buffer.concat(this.#pieces.filter((piece) => piece.stream === stream).map(({ bytes }) => bytes));
  }

  #sink(stream: LogStream): Writable {
    return new Writable({
      decodeStrings: false,
      write: (chunk: string | Uint8Array, _encoding, done) => {
        this.add(stream, chunk);
        done();
      },
    });
  }
}
