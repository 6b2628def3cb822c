import { isAbsolute, relative } from "node:path";
import type { RunEvent } from "../core/run-event.js";
import type { Colors } from "./colors.js";
import { formatDuration, plural } from "../core/quantity-text.js";
import { failureInBrief, formatFailure } from "./failure-text.js";
import type { ReportContext } from "./report-context.js";

type RunFinished = Extract<RunEvent, { type: "run-finished" }>;

/** Failed tasks that the summary names. */
const MAX_FAILED = 5;

export interface SummaryInputs extends ReportContext {
  readonly event: RunFinished;
  /** The pathspec of the run that this one went on from. */
  readonly origin: string | undefined;
}

/** What ran, what was reused, how long it took, where the results are; after a failure, how to go on. Ends with a line end. */
export function formatSummary(inputs: SummaryInputs): string {
  const { event, colors, cwd, datastoreOption, program } = inputs;
  const lines = [formatFinalLine(inputs)];
  if (event.failure !== undefined) lines.push("", formatFailure(event.failure, colors), "");
  if (event.status === "failed") lines.push(...failedTasks(event, colors));
  const hints: [string, string][] = [];
  if (event.resume !== undefined) hints.push([event.status === "interrupted" ? "go on" : "fix it, then", event.resume]);
  const dump = `${program} dump ${event.results}${datastoreOption}`;
  if (event.status === "done") hints.push(["results", dump]);
  else if (event.resume !== undefined) hints.push(["look at it", `${program} status ${event.pathspec}${datastoreOption}`]);
  // A spin is one task: what there is to see is what it had set when it failed.
  else if (event.status === "failed") hints.push(["look at it", dump]);
  hints.push(["kept in", shortPath(event.datastore, cwd)]);
  const width = Math.max(...hints.map(([label]) => label.length));
  for (const [label, text] of hints) lines.push(`  ${colors.gray(label.padEnd(width))}  ${label === "kept in" ? text : colors.cyan(text)}`);
  return `${lines.join("\n")}\n`;
}

/** `✓ ScoreFlow/12 done in 3.4s: 12 tasks, 4 reused from ScoreFlow/11.` */
export function formatFinalLine({ event, origin, colors }: Pick<SummaryInputs, "event" | "origin" | "colors">): string {
  const { counts } = event;
  const mark = { done: colors.green("✓"), failed: colors.red("✗"), interrupted: colors.yellow("■") }[event.status];
  const word = { done: "done in", failed: "failed after", interrupted: "interrupted after" }[event.status];
  const parts = [`${plural(counts.done, "task")} ${event.status === "done" ? "ran" : "done"}`];
  if (counts.failed > 0) parts.push(colors.red(`${counts.failed} failed`));
  if (counts.reused > 0) parts.push(`${counts.reused} reused${origin === undefined ? "" : ` from ${origin}`}`);
  return `${mark} ${colors.bold(event.pathspec)} ${word} ${formatDuration(event.durationMs)}: ${parts.join(", ")}.`;
}

/** Names the failed tasks when there is more than the one that was just shown. */
function failedTasks({ failures, counts }: RunFinished, colors: Colors): string[] {
  if (failures.length < 2) return [];
  const lines = failures.slice(0, MAX_FAILED).map(({ pathspec, failure }) => `  ${colors.red("✗")} ${pathspec}  ${failureInBrief(failure, colors)}`);
  const more = Math.max(counts.failed, failures.length) - MAX_FAILED;
  return more > 0 ? [...lines, `    and ${more} more`] : lines;
}

/** A path relative to a folder when that is shorter. */
export function shortPath(path: string, cwd: string): string {
  if (!isAbsolute(path)) return path;
  const short = relative(cwd, path);
  return short !== "" && short.length < path.length ? short : path;
}
