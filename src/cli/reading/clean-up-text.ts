import { formatBytes, plural } from "../../core/quantity-text.js";
import type { Amount } from "../../datastore/cleanup/blob-sweep.js";
import type { CleanUpReport, DroppedRun } from "../../datastore/cleanup/clean-up.js";
import { choosesRuns, type RunCriteria } from "../../datastore/cleanup/run-choice.js";
import type { Colors } from "../../terminal/colors.js";

/** Runs that are named. */
const SHOWN = 20;
/** Runs that are named as the reason why another one is kept. */
const REASONS = 3;

export interface CleanUpTextInputs {
  readonly criteria: RunCriteria;
  readonly dryRun: boolean;
  readonly colors: Colors;
}

/** What a clean-up did, or would do, for people. */
export function formatCleanUp(report: CleanUpReport, { criteria, dryRun, colors }: CleanUpTextInputs): string {
  const { dropped, finished, busy, unused, recent, temporary, damaged } = report;
  const would = dryRun ? "would drop" : "dropped";
  const lines: string[] = [];
  if (dropped.length > 0) lines.push(`${would} ${plural(dropped.length, "run")}:`, ...atMost(dropped, (one) => `  ${droppedText(one, colors)}`));
  else if (choosesRuns(criteria)) lines.push("no run meets what was said");
  if (finished.length > 0) lines.push(`${dryRun ? "would finish" : "finished"} dropping ${finished.map(({ run }) => run.pathspec).join(", ")}`);
  if (busy.length > 0) lines.push("left alone, as they may be at work:", ...atMost(busy, ({ pathspec }) => `  ${pathspec}`));
  const records = total([...dropped, ...finished].map(({ size }) => size));
  if (records.count > 0) lines.push(`${would} ${amountText(records, "record and log", "records and logs")} of runs`);
  if (unused.count > 0) lines.push(`${would} ${amountText(unused, "blob", "blobs")} that no run refers to`);
  if (temporary.count > 0) {
    lines.push(`${would} ${amountText(temporary, "unfinished file", "unfinished files")} of processes that were killed`);
  }
  if (lines.length === 0) lines.push("there is nothing to drop");
  if (recent.count > 0) {
    lines.push(colors.gray(`left ${amountText(recent, "blob", "blobs")} that no run refers to: stored in the last hour or beside a run at work`));
  }
  if (report.blobsLeftAlone)
    lines.push(`${colors.yellow("!")} no blob was looked at: nobody knows what the damaged runs refer to. millrace gc RUN drops one.`);
  for (const error of damaged.slice(0, SHOWN)) lines.push(`${colors.yellow("!")} ${error.message}`);
  if (damaged.length > SHOWN) lines.push(`  and ${damaged.length - SHOWN} more`);
  return `${lines.join("\n")}\n`;
}

function droppedText({ run, keptFor }: DroppedRun, colors: Colors): string {
  if (keptFor.length === 0) return run.pathspec;
  const named = keptFor.slice(0, REASONS).join(", ");
  const more = keptFor.length > REASONS ? ` and ${keptFor.length - REASONS} more` : "";
  return `${run.pathspec} ${colors.gray(`(out of sight; its tasks stay for ${named}${more})`)}`;
}

function atMost<T>(all: readonly T[], line: (one: T) => string): string[] {
  return [...all.slice(0, SHOWN).map(line), ...(all.length > SHOWN ? [`  and ${all.length - SHOWN} more`] : [])];
}

function total(amounts: readonly Amount[]): Amount {
  return amounts.reduce((sum, { count, bytes }) => ({ count: sum.count + count, bytes: sum.bytes + bytes }), { count: 0, bytes: 0 });
}

function amountText({ count, bytes }: Amount, one: string, many: string): string {
  const noun = plural(count, "x").replace(/xs?$/, count === 1 ? one : many);
  return count === 0 ? noun : `${noun} (${formatBytes(bytes)})`;
}

/** What `gc --json` prints. */
export function cleanUpJson(report: CleanUpReport, dryRun: boolean): object {
  const { dropped, finished, busy, unused, recent, temporary, damaged } = report;
  const told = ({ run, size, keptFor }: DroppedRun): object => ({ pathspec: run.pathspec, bytes: size.bytes, keptFor });
  return {
    dryRun,
    dropped: dropped.map(told),
    finished: finished.map(told),
    busy: busy.map(({ pathspec }) => pathspec),
    unused,
    recent,
    temporary,
    damaged: damaged.map(({ message }) => message),
    bytes: total([...dropped, ...finished].map(({ size }) => size)).bytes + unused.bytes + temporary.bytes,
  };
}
