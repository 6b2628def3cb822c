/** Which of a process's two streams. */
export type LogStream = "stdout" | "stderr";

/** Bytes as they were printed. */
export interface LogPiece {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly stream: LogStream;
  readonly bytes: Uint8Array;
}

/** A line of a task's log. */
export interface LogLine {
  /** Milliseconds since the epoch: when its end was printed. */
  readonly time: number;
  readonly stream: LogStream;
  /** Without the newline. */
  readonly text: string;
  /** False when the stream ended without a newline. */
  readonly complete: boolean;
}

const NEWLINE = 0x0a;

/**
 * A log object is text, a line each: `2026-11-22T14:13:57.123Z o text`. The letter is the stream, `o` or `e`;
 * a capital when the stream ended there without a newline.
 */
export function formatLog(pieces: readonly LogPiece[]): Uint8Array {
  const out: Uint8Array[] = [];
  const open: Record<LogStream, { readonly time: number; readonly chunks: Uint8Array[] } | undefined> = { stdout: undefined, stderr: undefined };
  const emit = (time: number, stream: LogStream, chunks: readonly Uint8Array[], complete: boolean): void => {
    const letter = stream === "stdout" ? "o" : "e";
    out.push(
      Buffer.from(`${new Date(time).toISOString()} ${complete ? letter : letter.toUpperCase()} `, "latin1"),
      ...chunks,
      Buffer.from("\n", "latin1"),
    );
  };
  for (const piece of pieces) {
    let start = 0;
    for (let end = piece.bytes.indexOf(NEWLINE); end >= 0; end = piece.bytes.indexOf(NEWLINE, start)) {
      emit(piece.time, piece.stream, [...(open[piece.stream]?.chunks ?? []), piece.bytes.subarray(start, end)], true);
      open[piece.stream] = undefined;
      start = end + 1;
    }
    if (start < piece.bytes.length) {
      const line = (open[piece.stream] ??= { time: piece.time, chunks: [] });
      line.chunks.push(piece.bytes.subarray(start));
    }
  }
  for (const stream of ["stdout", "stderr"] as const) {
    const line = open[stream];
    if (line !== undefined) emit(line.time, stream, line.chunks, false);
  }
  return Buffer.concat(out);
}

/** Stands in a log where output was left out. */
export function droppedNote(bytes: number): Uint8Array {
  return Buffer.from(`\n… ${bytes} bytes of output left out here (--max-log-size) …\n`);
}

const PREFIX_LENGTH = "2026-11-22T14:13:57.123Z o ".length;

/** Reads a log object. */
export function parseLog(bytes: Uint8Array): LogLine[] {
  const lines: LogLine[] = [];
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  for (const line of text.split("\n")) {
    if (line.length < PREFIX_LENGTH) continue;
    const letter = line.charAt(PREFIX_LENGTH - 2);
    lines.push({
      time: Date.parse(line.slice(0, PREFIX_LENGTH - 3)),
      stream: letter === "o" || letter === "O" ? "stdout" : "stderr",
      text: line.slice(PREFIX_LENGTH),
      complete: letter === "o" || letter === "e",
    });
  }
  return lines;
}
