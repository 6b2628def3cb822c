import type { EventTask, RunEvent } from "../core/run-event.js";

type OutputEvent = Extract<RunEvent, { type: "task-output" }>;

/** A line that a task has printed. */
export interface OutputLine {
  readonly task: EventTask;
  readonly stream: "stdout" | "stderr";
  /** Without its end. */
  readonly text: string;
}

/** A line this long is shown in pieces, so that output without line ends fills no memory. */
const LONGEST_LINE = 64 * 1024;

/**
 * Makes lines of what tasks print, piece by piece. What stands before a carriage return was overwritten, as by a
 * progress bar: a finished line shows what was left standing.
 */
export class OutputLines {
  readonly #open = new Map<string, OutputLine>();

  /** Lines that the piece has finished. */
  take({ task, stream, text }: OutputEvent): OutputLine[] {
    const key = keyOf(task, stream);
    const pieces = ((this.#open.get(key)?.text ?? "") + text).split("\n");
    const rest = overwritten(pieces.pop() ?? "", false);
    const lines = pieces.map((piece) => ({ task, stream, text: overwritten(piece, true) }));
    this.#open.delete(key);
    if (rest.length > LONGEST_LINE) lines.push({ task, stream, text: rest });
    else if (rest !== "") this.#open.set(key, { task, stream, text: rest });
    return lines;
  }

  /** The task prints no more: what it left without a line end. */
  finish(task: EventTask): OutputLine[] {
    const lines: OutputLine[] = [];
    for (const stream of ["stdout", "stderr"] as const) {
      const key = keyOf(task, stream);
      const line = this.#open.get(key);
      if (line === undefined) continue;
      this.#open.delete(key);
      lines.push({ ...line, text: overwritten(line.text, true) });
    }
    return lines;
  }

  /** Lines that are not finished yet, the latest last: progress bars, prompts. */
  get unfinished(): readonly OutputLine[] {
    return [...this.#open.values()].map((line) => ({ ...line, text: overwritten(line.text, true) }));
  }
}

const keyOf = (task: EventTask, stream: string): string => `${task.pathspec} ${task.attempt} ${stream}`;

/** Drops what a carriage return has overwritten. While a line is open, a return at its very end has overwritten nothing yet. */
function overwritten(line: string, closed: boolean): string {
  const visible = line.endsWith("\r") ? line.slice(0, -1) : line;
  const kept = visible.slice(visible.lastIndexOf("\r") + 1);
  return closed || !line.endsWith("\r") ? kept : `${kept}\r`;
}
