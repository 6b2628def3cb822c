import { MillraceError } from "../../core/errors/millrace-error.js";
import { nearestName } from "../../core/nearest-name.js";
import type { Pathspec } from "../../core/pathspec.js";
import { ArtifactReader } from "../../datastore/artifacts/artifact-reader.js";
import { plural } from "../../core/quantity-text.js";
import { wholeNumberOption } from "../arguments.js";
import { exitCodes } from "../command.js";
import { readingOptions } from "../option.js";
import { ArtifactPrinter } from "../reading/artifact-printer.js";
import { openNamedRun } from "../reading/named-run.js";
import { readRunTasks, taskAtAttempt, type RunTask } from "../../datastore/run-tasks.js";
import { TaskArtifacts, type TaskArtifact } from "../../datastore/task-artifacts.js";
import { requireTask, selectTasks } from "../../datastore/task-selection.js";
import { simpleCommand } from "../simple-command.js";

export const dumpCommand = simpleCommand({
  name: "dump",
  usage: "PATHSPEC [options]",
  description: [
    "Shows what tasks stored: a few lines of each value, or with a pathspec down to one artifact the whole value.",
    "A task that failed is shown, as it was when it failed, when the pathspec names it.",
  ].join("\n"),
  options: [
    { name: "include", placeholder: "A,B", help: "only these artifacts (repeatable)", repeatable: true },
    { name: "attempt", placeholder: "N", help: "what that attempt of the task had, from 0", fallback: "the latest" },
    ...readingOptions,
  ],
  examples: [
    { command: "millrace dump ScoreFlow/12/end", does: "what the run ended with" },
    { command: "millrace dump ScoreFlow/12/end/0/total", does: "one value, whole" },
    { command: "millrace dump ScoreFlow/12/score --include scores --json", does: "of every task of a step, for other programs" },
  ],
  words: { least: 1, most: 1, what: "a pathspec" },

  async work({ words: [text = ""], arguments: given, settings, screen, host }) {
    const attempt = wholeNumberOption(given, "attempt");
    const { run, pathspec } = await openNamedRun(settings, text);
    const { tasks } = await readRunTasks(run, Date.now());
    requireTask(run, tasks, pathspec);
    const names = wantedNames(pathspec, given.options.get("include")?.values ?? []);
    const artifacts = new TaskArtifacts(run);
    const printer = new ArtifactPrinter({
      screen,
      reader: new ArtifactReader(run.store),
      json: settings.json,
      whole: pathspec.artifact !== undefined,
      columns: host.stdout.columns ?? 100,
      isTerminal: host.stdout.isTTY === true,
    });
    const selected = selectTasks(tasks, pathspec);
    const shown = selected.filter((task) => task.status === "done" || (pathspec.task !== undefined && task.status === "failed"));
    const missing = new MissingNames(names);
    printer.begin();
    for (const task of shown) {
      if (screen.out.isBroken) break;
      const viewed = attempt === undefined ? task : await taskAtAttempt(task, attempt);
      const all = artifacts.of(viewed);
      printer.print(viewed, missing.pick(viewed, all));
    }
    printer.end();
    missing.check();
    if (!settings.json) screen.err.write(leftOut(selected.length - shown.length, shown, pathspec));
    return printer.failed ? exitCodes.failed : exitCodes.done;
  },
});

/** Undefined: all. */
function wantedNames({ artifact }: Pathspec, include: readonly string[]): readonly string[] | undefined {
  if (artifact !== undefined) return [artifact];
  const names = include
    .flatMap((list) => list.split(","))
    .map((name) => name.trim())
    .filter((name) => name !== "");
  return names.length === 0 ? undefined : names;
}

/** Picks the artifacts that were asked for, and knows which names no task had. */
class MissingNames {
  readonly #names: readonly string[] | undefined;
  readonly #missing: Set<string>;
  #seen: { readonly task: RunTask; readonly names: readonly string[] } | undefined;

  constructor(names: readonly string[] | undefined) {
    this.#names = names;
    this.#missing = new Set(names);
  }

  pick(task: RunTask, artifacts: readonly TaskArtifact[]): readonly TaskArtifact[] {
    this.#seen ??= { task, names: artifacts.map(({ name }) => name) };
    if (this.#names === undefined) return artifacts;
    for (const { name } of artifacts) this.#missing.delete(name);
    const wanted = this.#names;
    return artifacts.filter(({ name }) => wanted.includes(name));
  }

  /** @throws MillraceError `artifact-unknown` when tasks were looked at and a name was in none of them. */
  check(): void {
    const [name] = this.#missing;
    if (name === undefined || this.#seen === undefined) return;
    const { task, names } = this.#seen;
    const near = nearestName(name, names);
    throw new MillraceError("artifact-unknown", { pathspec: `${task.pathspec}/${name}`, names: near === undefined ? names : [near] });
  }
}

function leftOut(count: number, shown: readonly RunTask[], { task }: Pathspec): string {
  if (shown.length === 0 && count === 0) return "No task is there yet.\n";
  return count === 0 || task !== undefined ? "" : `${plural(count, "task")} that did not finish left out.\n`;
}
