import { fstatSync, readSync, writeSync } from "node:fs";
import { maskPieces } from "../datastore/masked-pieces.js";
import { droppedNote, type LogPiece, type LogStream } from "../datastore/task-log.js";
import type { SecretMask } from "../core/secret-mask.js";
import type { RecordedOutput, TaskOutput } from "./workplace.js";

interface Mark {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly stream: LogStream;
  /** Where in the stream's file a write of this process ended. */
  readonly end: number;
}

const FDS: Record<LogStream, number> = { stdout: 1, stderr: 2 };

/**
 * Keeps a task's output exactly: the process's stdout and stderr are files, and the task's part of each is what grew
 * while it ran, whoever wrote it. Writes of this process are also noted with time and order; what native code and child
 * processes wrote in between takes the time of the next note.
 */
export class OutputRecorder implements TaskOutput {
  #starts: Record<LogStream, number> = { stdout: 0, stderr: 0 };
  #marks: Mark[] = [];
  #recording = false;
  #mask: SecretMask | undefined;
  readonly #tellHidden: (values: readonly string[]) => void;

  /** @param tellHidden Tells the values of secrets to who shows the output while it comes. */
  constructor(tellHidden: (values: readonly string[]) => void = () => {}) {
    this.#tellHidden = tellHidden;
  }

  /** Takes note of every write of this process from now on. */
  install(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const target = process[stream];
      const write = target.write.bind(target);
      const noted = (...args: Parameters<typeof write>): boolean => {
        const written = write(...args);
        if (this.#recording) this.#mark(stream);
        return written;
      };
      // The overloads of `write` differ in what is optional; passing all on serves each.
      target.write = noted as typeof target.write;
    }
  }

  /** A task starts. What is printed from here on is its. */
  begin(): void {
    this.#starts = { stdout: sizeOf("stdout"), stderr: sizeOf("stderr") };
    this.#marks = [];
    this.#mask = undefined;
    this.#recording = true;
  }

  hide(values: readonly string[], mask: SecretMask): void {
    this.#mask = mask;
    this.#tellHidden(values);
  }

  say(line: string): void {
    writeSync(FDS.stderr, `${line}\n`);
    if (this.#recording) this.#mark("stderr");
  }

  #mark(stream: LogStream): void {
    const time = Date.now();
    const last = this.#marks.at(-1);
    // Many small writes in one millisecond are one piece.
    if (last?.stream === stream && last.time === time) this.#marks.pop();
    this.#marks.push({ time, stream, end: sizeOf(stream) });
  }

  end(maxBytes: number): RecordedOutput | undefined {
    this.#recording = false;
    return this.soFar(maxBytes);
  }

  /** What the task at work has printed until now. */
  soFar(maxBytes: number): RecordedOutput | undefined {
    const ends = { stdout: sizeOf("stdout"), stderr: sizeOf("stderr") };
    const stdoutBytes = ends.stdout - this.#starts.stdout;
    const stderrBytes = ends.stderr - this.#starts.stderr;
    if (stdoutBytes <= 0 && stderrBytes <= 0) return undefined;
    const now = Date.now();
    const marks = [
      ...this.#marks,
      { time: now, stream: "stdout" as const, end: ends.stdout },
      { time: now, stream: "stderr" as const, end: ends.stderr },
    ];
    const { pieces, droppedBytes, gap } = cut(marks, this.#starts, stdoutBytes + stderrBytes, maxBytes);
    return { pieces: this.#mask === undefined ? pieces : maskPieces(this.#mask, pieces, gap), droppedBytes, stdoutBytes, stderrBytes };
  }
}

/** Reads the marked pieces; of more than `maxBytes` in all, the first half and the last, with a note in between. */
function cut(
  marks: readonly Mark[],
  starts: Record<LogStream, number>,
  total: number,
  maxBytes: number,
): { readonly pieces: LogPiece[]; readonly droppedBytes: number; readonly gap?: LogPiece } {
  const half = Math.floor(maxBytes / 2);
  const gapStart = total > maxBytes ? half : total;
  const gapEnd = total > maxBytes ? total - half : total;
  const droppedBytes = gapEnd - gapStart;
  const at = { ...starts };
  const pieces: LogPiece[] = [];
  let gap: LogPiece | undefined;
  let position = 0;
  for (const { time, stream, end } of marks) {
    const start = at[stream];
    const length = end - start;
    if (length <= 0) continue;
    at[stream] = end;
    const headLength = Math.min(length, Math.max(0, gapStart - position));
    const tailStart = Math.min(length, Math.max(headLength, gapEnd - position));
    if (headLength > 0) pieces.push({ time, stream, bytes: readPart(stream, start, headLength) });
    const holdsGapStart = position <= gapStart && gapStart < position + length;
    if (droppedBytes > 0 && holdsGapStart) pieces.push((gap = { time, stream, bytes: droppedNote(droppedBytes) }));
    if (tailStart < length) pieces.push({ time, stream, bytes: readPart(stream, start + tailStart, length - tailStart) });
    position += length;
  }
  return { pieces, droppedBytes, ...(gap !== undefined && { gap }) };
}

function sizeOf(stream: LogStream): number {
  return fstatSync(FDS[stream]).size;
}

function readPart(stream: LogStream, offset: number, length: number): Uint8Array {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(FDS[stream], buffer, filled, length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}
