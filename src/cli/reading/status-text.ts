import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import type { Settings } from "../../config/settings.js";
import { formatPosition } from "../../core/source-position.js";
import type { Colors } from "../../terminal/colors.js";
import { formatDuration, formatRelativeTime } from "../../core/quantity-text.js";
import { failureInBrief, formatFailure } from "../../terminal/failure-text.js";
import { formatParameters } from "../../terminal/start-text.js";
import { formatTable } from "../../terminal/text-table.js";
import { formatDateTime } from "../../terminal/time-text.js";
import { shellWord } from "../../terminal/shell-words.js";
import { paintStatus, took } from "./run-text.js";
import type { RunStatusView, StepStatus } from "./run-status-view.js";
import type { RunTask } from "../../datastore/run-tasks.js";

/** Tasks of one kind that are named. */
const MAX_TASKS = 10;

export interface StatusTextInputs {
  readonly now: number;
  readonly colors: Colors;
  readonly settings: Settings;
  readonly cwd: string;
  /** How commands for people to copy begin. */
  readonly program: string;
  /** ` --datastore PATH` where commands need it. */
  readonly datastoreOption: string;
}

/** A run for people: its facts, its steps, what failed and what is at work. */
export function formatStatus(view: RunStatusView, inputs: StatusTextInputs): string {
  const { colors } = inputs;
  const failed = view.tasks.filter((task) => task.status === "failed");
  const running = view.tasks.filter((task) => task.status === "running");
  const lines = [
    ...headLines(view, inputs),
    "",
    ...stepTable(view.steps, inputs),
    ...(view.failure === undefined ? [] : ["", formatFailure(view.failure, colors)]),
    ...taskLines(failed, (task) => failedLine(task, colors)),
    ...taskLines(running, (task) => runningLine(task, inputs)),
    ...(view.damaged.length === 0 ? [] : ["", ...view.damaged.map((error) => `${colors.yellow("!")} ${error.message}`)]),
    ...nextLines(view, failed[0], inputs),
  ];
  return `${lines.join("\n")}\n`;
}

function headLines({ row, run }: RunStatusView, { now, colors }: StatusTextInputs): string[] {
  const time = took(row, now);
  const started = Date.parse(row.startedAt);
  const facts: [string, string][] = [
    ["started", `${formatDateTime(started)} (${formatRelativeTime(started, now)}) by ${row.user} on ${run.record.host}`],
  ];
  const parameters = formatParameters(row.parameters);
  if (parameters !== "") facts.push(["parameters", parameters]);
  const { project } = run.record;
  if (project !== undefined) facts.push(["project", `${project.name}, branch ${project.branch}`]);
  if (row.tags.length > 0) facts.push(["tags", row.tags.join(", ")]);
  const { spin } = run.record;
  if (row.origin !== null) facts.push(spin === undefined ? ["goes on from", row.origin] : ["spin of", `${row.origin}/${spin.task}`]);
  const title = `${colors.bold(row.pathspec)}  ${paintStatus(row.status, colors)}${time === "" ? "" : ` ${row.status === "running" ? "for" : "after"} ${time}`}`;
  return [
    title,
    ...formatTable(
      [{ title: "" }, { title: "" }],
      facts.map(([name, text]) => [`  ${colors.gray(name)}`, text]),
    ),
  ];
}

function stepTable(steps: readonly StepStatus[], { now, colors }: StatusTextInputs): string[] {
  const columns = [
    { title: "STEP" },
    { title: "DONE", align: "right" },
    { title: "FAILED", align: "right" },
    { title: "RUNNING", align: "right" },
    { title: "REUSED", align: "right" },
    { title: "TOOK", align: "right" },
  ] as const;
  const count = (value: number, paint: (text: string) => string): string => (value === 0 ? colors.gray("-") : paint(String(value)));
  const rows = steps.map(({ name, counts, startedAt, finishedAt }) => [
    name,
    count(counts.done, colors.green),
    count(counts.failed, colors.red),
    count(counts.running, colors.cyan),
    count(counts.reused, colors.blue),
    startedAt === undefined ? "" : formatDuration((counts.running > 0 ? now : (finishedAt ?? startedAt)) - startedAt),
  ]);
  return formatTable(columns, rows, colors.gray);
}

function taskLines(tasks: readonly RunTask[], line: (task: RunTask) => string): string[] {
  if (tasks.length === 0) return [];
  const more = tasks.length - MAX_TASKS;
  return ["", ...tasks.slice(0, MAX_TASKS).map(line), ...(more > 0 ? [`  and ${more} more`] : [])];
}

function failedLine({ pathspec, attempt, failure, label }: RunTask, colors: Colors): string {
  const name = `${colors.red("✗")} ${pathspec}${label === undefined ? "" : ` (${label})`}${attempt === 0 ? "" : ` (attempt ${attempt + 1})`}`;
  if (failure === undefined) return name;
  const [place] = failure.frames;
  return `${name}  ${failureInBrief(failure, colors)}${place === undefined ? "" : colors.gray(`  ${formatPosition(place)}`)}`;
}

function runningLine({ pathspec, startedAt, attempt }: RunTask, { now, colors }: StatusTextInputs): string {
  const time = startedAt === undefined ? "" : ` for ${formatDuration(now - startedAt)}`;
  return `${colors.cyan("●")} ${pathspec} running${time}${attempt === 0 ? "" : ` (attempt ${attempt + 1})`}`;
}

function nextLines({ row, run }: RunStatusView, failed: RunTask | undefined, inputs: StatusTextInputs): string[] {
  const { colors, datastoreOption, program } = inputs;
  const next: [string, string][] = [];
  if (failed !== undefined) next.push(["its output", `${program} logs ${failed.pathspec}${datastoreOption}`]);
  const { spin } = run.record;
  if (row.status === "done") next.push(["results", `${program} dump ${row.pathspec}/${spin?.task ?? "end"}${datastoreOption}`]);
  else if (spin !== undefined && failed !== undefined) next.push(["its state", `${program} dump ${failed.pathspec}${datastoreOption}`]);
  const flow = flowFile(run.record.code.file, inputs);
  if (row.status !== "done" && row.status !== "running" && flow !== undefined && spin === undefined)
    next.push(["go on", `${program} resume ${flow} --origin-run-id ${run.id}${datastoreOption}`]);
  if (next.length === 0) return [];
  return [
    "",
    ...formatTable(
      [{ title: "" }, { title: "" }],
      next.map(([label, command]) => [`  ${colors.gray(label)}`, colors.cyan(command)]),
    ),
  ];
}

/** The flow's file as one would type it here; undefined when it is not where the run found it. */
function flowFile(fromRoot: string, { settings, cwd }: StatusTextInputs): string | undefined {
  const file = join(settings.root, fromRoot);
  return existsSync(file) ? shellWord(relative(cwd, file)) : undefined;
}
