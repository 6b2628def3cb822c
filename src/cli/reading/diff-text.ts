import { formatCount, formatDuration, plural } from "../../core/quantity-text.js";
import type { CodeDiff } from "../../history/code-diff.js";
import type { ArtifactDiff, DiffSide, GraphChange, NamedChange, RunDiff, StepDiff, StepSide } from "../../history/run-diff.js";
import type { ValueChange } from "../../history/value-change.js";
import type { Colors } from "../../terminal/colors.js";
import { safeLine } from "../../terminal/safe-text.js";
import { formatTable } from "../../terminal/text-table.js";
import { paintStatus } from "./run-text.js";

export interface DiffTextInputs {
  readonly colors: Colors;
  /** Show the lines of code that differ. */
  readonly code: boolean;
}

/** How two runs differ, for people. What is the same is said in a word, or not at all. */
export function formatDiff(diff: RunDiff, { colors, code }: DiffTextInputs): string {
  const sections: (readonly string[])[] = [
    headTable(diff, colors),
    section(
      "parameters",
      diff.parameters.flatMap((change) => namedLines(change, colors)),
      colors,
    ),
    section(
      "initial values",
      diff.initial.flatMap((change) => namedLines(change, colors)),
      colors,
    ),
    section("code", codeLines(diff.code, colors, code), colors),
    section(
      "graph",
      diff.graph.map((change) => graphLine(change, colors)),
      colors,
    ),
    section(
      "artifacts",
      diff.steps.flatMap((step) => artifactLines(step, colors)),
      colors,
    ),
    section("tasks", stepTable(diff.steps, colors), colors),
    diff.damaged.map((error) => `${colors.yellow("!")} ${error.message}`),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

function section(title: string, lines: readonly string[], colors: Colors): readonly string[] {
  return lines.length === 0 ? [] : [colors.bold(title), ...lines.map((line) => (line.trim() === "" ? "" : `  ${line}`))];
}

function headTable({ before, after, code, parameters, graph, steps }: RunDiff, colors: Colors): string[] {
  const rows: [string, string, string][] = [
    ["status", paintStatus(before.status, colors), paintStatus(after.status, colors)],
    ["took", tookText(before), tookText(after)],
  ];
  const add = (name: string, text: (side: DiffSide) => string): void => {
    const texts = [text(before), text(after)] as const;
    if (texts[0] !== texts[1]) rows.push([name, ...texts]);
  };
  add("failure", ({ failure }) => safeLine(failure ?? "-"));
  add("tags", ({ tags }) => (tags.length === 0 ? "-" : tags.join(", ")));
  for (const field of ["user", "host", "node", "millrace"] as const) add(field, ({ run }) => run.record[field]);
  const same: string[] = [];
  if (parameters.length === 0) same.push("parameters");
  if (code.same) same.push("code");
  if (graph.length === 0) same.push("graph");
  if (steps.some(({ both }) => both > 0) && steps.every(({ artifacts }) => artifacts.every(isSame))) same.push("artifacts");
  const table = formatTable(
    [{ title: "" }, { title: before.run.pathspec }, { title: after.run.pathspec }],
    rows.map(([name, ...texts]) => [colors.gray(name), ...texts]),
    colors.bold,
  );
  return same.length === 0 ? table : [...table, colors.gray(`the same: ${same.join(", ")}`)];
}

function tookText({ durationMs }: DiffSide): string {
  return durationMs === undefined ? "-" : formatDuration(durationMs);
}

const SIGNS = { added: "+", removed: "-", changed: "~" } as const;

function sign(kind: keyof typeof SIGNS, colors: Colors): string {
  return { added: colors.green, removed: colors.red, changed: colors.yellow }[kind](SIGNS[kind]);
}

function namedLines({ name, kind, change }: NamedChange, colors: Colors): string[] {
  return [`${sign(kind, colors)} ${name}  ${safeLine(change.summary)}`, ...placeLines(change, colors)];
}

function placeLines({ places }: ValueChange, colors: Colors): string[] {
  return places.map((place) => colors.gray(`    ${safeLine(place)}`));
}

function codeLines({ files, packages, unreadable }: CodeDiff, colors: Colors, lines: boolean): string[] {
  if (unreadable !== undefined) return [`${colors.yellow("!")} ${unreadable}`];
  const counts = formatTable(
    [{ title: "" }, { title: "" }, { title: "" }],
    files.map(({ path, kind, addedLines, removedLines }) => [
      `${sign(kind, colors)} ${path}`,
      addedLines > 0 ? colors.green(`+${addedLines}`) : "",
      removedLines > 0 ? colors.red(`-${removedLines}`) : "",
    ]),
  );
  const imports = [
    ...packages.added.map((name) => `${sign("added", colors)} package ${name}`),
    ...packages.removed.map((name) => `${sign("removed", colors)} package ${name}`),
  ];
  const patches = lines
    ? files.flatMap(({ patch }) => [
        "",
        ...patch
          .trimEnd()
          .split("\n")
          .map((line) => patchLine(line, colors)),
      ])
    : [];
  const hint = lines || files.length === 0 ? [] : [colors.gray("--code shows the lines")];
  return [...counts, ...imports, ...hint, ...patches];
}

function patchLine(line: string, colors: Colors): string {
  const text = safeLine(line);
  if (/^(?:\+\+\+|---)/.test(line)) return colors.bold(text);
  if (line.startsWith("@@")) return colors.cyan(text);
  return line.startsWith("+") ? colors.green(text) : line.startsWith("-") ? colors.red(text) : text;
}

function graphLine({ step, kind, changes }: GraphChange, colors: Colors): string {
  return `${sign(kind, colors)} ${step}${changes.length === 0 ? "" : `  ${changes.join("; ")}`}`;
}

const isSame = ({ changed, added, removed }: ArtifactDiff): boolean => changed + added + removed === 0;

function artifactLines({ step, both, artifacts }: StepDiff, colors: Colors): string[] {
  const differing = artifacts.filter((artifact) => !isSame(artifact));
  return differing.flatMap((artifact) => {
    const { name, changed, added, examples } = artifact;
    const title = `${step}/${name}`;
    const kind = changed > 0 ? "changed" : added > 0 ? "added" : "removed";
    const [only] = examples;
    if (both === 1 && only !== undefined)
      return [`${sign(kind, colors)} ${title}  ${safeLine(only.change.summary)}`, ...placeLines(only.change, colors)];
    return [
      `${sign(kind, colors)} ${title}  ${countText(artifact, both)}`,
      ...examples.flatMap(({ task, change }) => [`  ${task}  ${safeLine(change.summary)}`, ...placeLines(change, colors)]),
      ...(changed > examples.length && examples.length > 0 ? [colors.gray(`  and ${formatCount(changed - examples.length)} more`)] : []),
    ];
  });
}

function countText({ changed, added, removed }: ArtifactDiff, both: number): string {
  const parts: string[] = [];
  if (changed > 0) parts.push(`differs in ${formatCount(changed)}`);
  if (added > 0) parts.push(`new in ${formatCount(added)}`);
  if (removed > 0) parts.push(`gone in ${formatCount(removed)}`);
  return both === 1 ? parts.join(", ").replaceAll(/ in 1/g, "") : `${parts.join(", ")} of ${plural(both, "task")}`;
}

/** Steps whose tasks differ in number, in how they ended, or clearly in time. */
function stepTable(steps: readonly StepDiff[], colors: Colors): string[] {
  const rows = steps
    .filter(isStepShown)
    .map(({ step, before, after, onlyBefore, onlyAfter }) => [
      step,
      tasksText(before, colors),
      tasksText(after, colors),
      formatDuration(before.workMs),
      formatDuration(after.workMs),
      [onlyBefore > 0 ? `${formatCount(onlyBefore)} only before` : "", onlyAfter > 0 ? `${formatCount(onlyAfter)} only after` : ""]
        .filter(Boolean)
        .join(", "),
    ]);
  if (rows.length === 0) return [];
  const columns = [
    { title: "STEP" },
    { title: "BEFORE" },
    { title: "AFTER" },
    { title: "TIME BEFORE", align: "right" },
    { title: "TIME AFTER", align: "right" },
    { title: "" },
  ] as const;
  return formatTable(columns, rows, colors.gray);
}

/** Differences in time that are worth a line, as a share and in milliseconds. */
const TIME_SHARE = 0.2;
const TIME_MS = 100;

function isStepShown({ before, after, onlyBefore, onlyAfter }: StepDiff): boolean {
  if (onlyBefore + onlyAfter > 0 || before.done !== after.done || before.failed !== after.failed || before.running !== after.running) return true;
  const difference = Math.abs(after.workMs - before.workMs);
  return difference > TIME_MS && difference > TIME_SHARE * Math.max(before.workMs, after.workMs);
}

function tasksText({ done, failed, running }: StepSide, colors: Colors): string {
  const parts = [
    done > 0 ? `${formatCount(done)} done` : "",
    failed > 0 ? colors.red(`${formatCount(failed)} failed`) : "",
    running > 0 ? colors.cyan(`${formatCount(running)} running`) : "",
  ].filter(Boolean);
  return parts.length === 0 ? colors.gray("-") : parts.join(", ");
}

/** What `diff --json` prints. */
export function diffJson({ before, after, parameters, initial, code, graph, steps, damaged }: RunDiff): object {
  const side = ({ run, status, durationMs, failure, tags }: DiffSide): object => ({
    pathspec: run.pathspec,
    status,
    durationMs: durationMs ?? null,
    failure: failure ?? null,
    tags,
    user: run.record.user,
    host: run.record.host,
    node: run.record.node,
    millrace: run.record.millrace,
    code: run.record.code.hash,
  });
  return { before: side(before), after: side(after), parameters, initial, code, graph, steps, damaged: damaged.map(({ message }) => message) };
}
