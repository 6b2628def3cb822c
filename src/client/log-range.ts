import type { LogLine as StoredLine, LogStream } from "../datastore/task-log.js";

/** Which lines of a log; all when nothing is said. */
export interface LogRange {
  /** The first line wanted, from 0; from the end when negative. */
  readonly from?: number;
  /** The line after the last one wanted; from the end when negative. */
  readonly to?: number;
  /** The last so many. */
  readonly last?: number;
}

/** A line that a task printed. */
export interface LogLine {
  /** When its end was printed. */
  readonly time: Date;
  readonly stream: LogStream;
  /** Without the newline. */
  readonly text: string;
}

export function linesIn(lines: readonly StoredLine[], { from = 0, to, last }: LogRange): readonly StoredLine[] {
  const part = lines.slice(from, to);
  return last === undefined ? part : part.slice(Math.max(0, part.length - last));
}

/** Lines as they were printed: the last one may lack its end. */
export function textOf(lines: readonly StoredLine[]): string {
  return lines.map(({ text, complete }) => (complete ? `${text}\n` : text)).join("");
}

export function publicLine({ time, stream, text }: StoredLine): LogLine {
  return { time: new Date(time), stream, text };
}
