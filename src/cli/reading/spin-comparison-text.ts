import type { Settings } from "../../config/settings.js";
import { isMillraceError } from "../../core/errors/millrace-error.js";
import { parseTaskRef } from "../../core/task-ref.js";
import { ArtifactReader } from "../../datastore/artifacts/artifact-reader.js";
import { readRunTasks } from "../../datastore/run-tasks.js";
import type { TaskArtifact } from "../../datastore/task-artifacts.js";
import { compareArtifacts, spunResult, type ComparedArtifact } from "../../runner/spin-comparison.js";
import type { Colors } from "../../terminal/colors.js";
import type { Host } from "../host.js";
import { openScreen } from "../screen.js";
import { formatFields, isLarge, largeText, shortValue } from "./artifact-text.js";
import { openNamedRun } from "./named-run.js";

/** Prints what the task of a spin set, beside what it had set in its run. */
export async function printSpinComparison(pathspec: string, settings: Settings, host: Host): Promise<void> {
  const { datastore, run } = await openNamedRun(settings, pathspec);
  const { spin, origin } = run.record;
  if (spin === undefined || origin === undefined) return;
  const { step, task } = parseTaskRef(spin.task);
  const originRun = await datastore.openRun(run.flow, origin.run);
  const [now, { tasks }] = await Promise.all([spunResult(run, step, task), readRunTasks(originRun, Date.now())]);
  const before = tasks.find((candidate) => candidate.step === step && candidate.task === task);
  if (now === undefined || before?.record === undefined) return;
  const { out, colors } = openScreen(host, settings.color);
  const artifacts = compareArtifacts({ run, task: now }, { run: originRun, task: before });
  const reader = new ArtifactReader(run.store);
  const show = (pathspecOf: string, artifact: TaskArtifact): string =>
    shownValue(reader, pathspecOf, artifact, (host.stdout.columns ?? 100) - 24, colors);
  const fields = artifacts.map((artifact): [string, string] => [
    `${markOf(artifact, colors)} ${artifact.name}`,
    textOf(
      artifact,
      colors,
      (value) => show(now.pathspec, value),
      (value) => show(before.pathspec, value),
    ),
  ]);
  const state = before.status === "failed" ? ", as it was when it failed" : "";
  out.write(
    `\n${artifacts.length === 0 ? "It set nothing, as" : "What it set, beside"} ${colors.bold(before.pathspec)}${state}${artifacts.length === 0 ? "." : ":"}\n`,
  );
  out.write(formatFields(fields));
  await out.flush();
}

function markOf({ change }: ComparedArtifact, colors: Colors): string {
  return { same: colors.gray("="), different: colors.yellow("~"), new: colors.green("+"), gone: colors.red("-") }[change];
}

type Show = (artifact: TaskArtifact) => string;

function textOf({ change, now, before }: ComparedArtifact, colors: Colors, showNow: Show, showBefore: Show): string {
  if (change === "same") return colors.gray("as before");
  const lines = now === undefined ? [] : [showNow(now)];
  if (before !== undefined) lines.push(`${colors.gray("before:")} ${showBefore(before)}`);
  return lines.join("\n");
}

function shownValue(reader: ArtifactReader, pathspec: string, { name, ref }: TaskArtifact, columns: number, colors: Colors): string {
  if (isLarge(ref)) return largeText(ref, `${pathspec}/${name}`, colors);
  try {
    return shortValue(reader.read(ref, `${pathspec}/${name}`), columns, colors);
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    return colors.red(error.message);
  }
}
