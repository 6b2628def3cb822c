import type { RunEvent } from "../core/run-event.js";
import type { Colors } from "./colors.js";
import { formatDuration, plural } from "../core/quantity-text.js";
import { labelledPathspec } from "./task-name.js";
import { failureInBrief, failureKind, formatFailure } from "./failure-text.js";

type TaskFailed = Extract<RunEvent, { type: "task-failed" }>;

/** Failures of one kind that get a line of their own after the first. */
const MAX_LINES_A_KIND = 10;

/** What to print for a failed attempt. */
export interface ToldFailure {
  /** `✗`, or `↻` when another attempt follows. */
  readonly mark: string;
  /** What follows the task's name, on the same line. */
  readonly text: string;
  /** The failure in full, below it. */
  readonly details?: string;
}

/**
 * Says each failure once and well: the first of its kind in full, those like it in a line each, and after some of those
 * nothing, because the counts say it.
 */
export class FailureLog {
  readonly #kinds = new Map<string, { readonly first: string; lines: number }>();
  readonly #colors: Colors;

  constructor(colors: Colors) {
    this.#colors = colors;
  }

  /** Undefined when enough of its kind were told. */
  describe(event: TaskFailed): ToldFailure | undefined {
    const colors = this.#colors;
    const { task, failure } = event;
    const isFinal = event.retryInMs === undefined;
    const mark = isFinal ? colors.red("✗") : colors.yellow("↻");
    const text = `failed${attemptText(event)}${isFinal ? "" : `, ${retryText(event)}`}`;
    const kind = `${task.step} ${failureKind(failure)} ${isFinal ? "for good" : "to be tried again"}`;
    const known = this.#kinds.get(kind);
    if (known === undefined) {
      this.#kinds.set(kind, { first: task.pathspec, lines: 0 });
      // An attempt that is followed by another is told in brief: if the last one fails as well, that one is told in full.
      return isFinal ? { mark, text, details: formatFailure(failure, colors) } : { mark, text: `${text}: ${failureInBrief(failure, colors)}` };
    }
    if (++known.lines > MAX_LINES_A_KIND) return undefined;
    const last = known.lines === MAX_LINES_A_KIND ? colors.gray(" (failures of this kind are only counted from here on)") : "";
    return { mark, text: `${text}, as ${known.first} did: ${failureInBrief(failure, colors)}${last}` };
  }
}

/** A failed attempt under its task's name; undefined when enough of its kind were told. */
export function formatTaskFailure(event: TaskFailed, log: FailureLog, colors: Colors): string | undefined {
  const told = log.describe(event);
  if (told === undefined) return undefined;
  const line = `${told.mark} ${colors.bold(labelledPathspec(event.task))} ${told.text}`;
  return told.details === undefined ? line : `${line}\n\n${told.details}\n`;
}

function attemptText({ task, retriesLeft, retryInMs }: TaskFailed): string {
  const tries = task.attempt + 1;
  if (retryInMs !== undefined) return ` (attempt ${tries} of ${tries + retriesLeft})`;
  if (retriesLeft > 0) return ` at attempt ${tries}, and is not tried again`;
  return tries > 1 ? ` in all of its ${plural(tries, "attempt")}` : "";
}

function retryText({ retryInMs = 0 }: TaskFailed): string {
  return retryInMs === 0 ? "next attempt at once" : `next attempt in ${formatDuration(retryInMs)}`;
}
