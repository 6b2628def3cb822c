import type { RunEvent } from "../core/run-event.js";
import type { Colors } from "./colors.js";
import { formatDuration, plural } from "./duration-text.js";
import { failureInBrief, failureKind, formatFailure } from "./failure-text.js";
import { labelledPathspec } from "./task-name.js";

type TaskFailed = Extract<RunEvent, { type: "task-failed" }>;

/** Failures of one kind that get a line of their own after the first. */
const MAX_LINES_A_KIND = 10;

/**
 * Says each failure once and well: the first of its kind in full, those like it in a line each, and after some of those
 * nothing, because the counts say it.
 */
export class FailureLog {
  private readonly kinds = new Map<string, { readonly first: string; lines: number }>();

  constructor(private readonly colors: Colors) {}

  /** What to print for a failed attempt; undefined when enough of its kind were. */
  describe(event: TaskFailed): string | undefined {
    const { colors } = this;
    const { task, failure } = event;
    const kind = `${task.step} ${failureKind(failure)} ${event.retryInMs === undefined ? "for good" : "to be tried again"}`;
    const known = this.kinds.get(kind);
    if (known === undefined) {
      this.kinds.set(kind, { first: task.pathspec, lines: 0 });
      const again = event.retryInMs === undefined ? "" : `, ${retryText(event)}`;
      const head = `${colors.red(event.retryInMs === undefined ? "✗" : "↻")} ${colors.bold(labelledPathspec(task))} failed${attemptText(event)}${again}`;
      // An attempt that is followed by another is told in brief: if the last one fails as well, that one is told in full.
      return event.retryInMs === undefined ? `${head}\n\n${formatFailure(failure, colors)}\n` : `${head}: ${failureInBrief(failure, colors)}`;
    }
    if (++known.lines > MAX_LINES_A_KIND) return undefined;
    const mark = event.retryInMs === undefined ? colors.red("✗") : colors.red("↻");
    const what = event.retryInMs === undefined ? `failed${attemptText(event)}` : `failed${attemptText(event)}, ${retryText(event)}`;
    const last = known.lines === MAX_LINES_A_KIND ? " (no more lines for failures of this kind)" : "";
    return `${mark} ${colors.bold(labelledPathspec(task))} ${what}, as ${known.first} did: ${failureInBrief(failure, colors)}${colors.gray(last)}`;
  }
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
