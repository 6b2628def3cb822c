import { setTimeout as wait } from "node:timers/promises";
import { isMillraceError, messageOf, MillraceError } from "../../core/errors/millrace-error.js";
import { wholeNumberOption, type Arguments } from "../arguments.js";
import { exitCodes } from "../command.js";
import { readingOptions } from "../option.js";
import { GrowingOutput, readLog } from "../../client/growing-output.js";
import { LogFollower } from "../../client/log-follower.js";
import { LogPrinter } from "../reading/log-printer.js";
import { openNamedRun } from "../reading/named-run.js";
import { readRunTasks, taskAtAttempt } from "../../datastore/run-tasks.js";
import { requireTask, selectTasks } from "../../datastore/task-selection.js";
import type { Screen } from "../screen.js";
import { simpleCommand } from "../simple-command.js";

/** Milliseconds between two looks at a log that grows. */
const FOLLOW_EVERY_MS = 500;

export const logsCommand = simpleCommand({
  name: "logs",
  usage: "PATHSPEC [options]",
  description: "Prints what the tasks of a run, of a step, or one task printed.",
  options: [
    { name: "follow", short: "f", help: "go on until the run ends" },
    { name: "stdout", help: "the standard output only" },
    { name: "stderr", help: "the error output only" },
    { name: "attempt", placeholder: "N", help: "that attempt of a task, from 0", fallback: "the latest" },
    { name: "timestamps", help: "print when each line was printed" },
    ...readingOptions.filter(({ name }) => name !== "json"),
  ],
  examples: [
    { command: "millrace logs ScoreFlow/12/score/3", does: "one task" },
    { command: "millrace logs ScoreFlow/latest --follow", does: "the run at work, as it prints" },
    { command: "millrace logs ScoreFlow/12/score/3 --attempt 0", does: "before it was tried again" },
  ],
  words: { least: 1, most: 1, what: "a pathspec" },

  async work({ words: [text = ""], arguments: given, settings, screen }) {
    const stream = chosenStream(given);
    const attempt = wholeNumberOption(given, "attempt");
    const { run, pathspec } = await openNamedRun(settings, text);
    if (pathspec.artifact !== undefined) {
      throw new MillraceError("pathspec-too-long", {
        pathspec: text,
        wanted: "task",
        example: `millrace logs ${run.pathspec}/${pathspec.step}/${pathspec.task}`,
      });
    }
    const follow = given.options.has("follow");
    if (attempt !== undefined && follow) throw new MillraceError("options-exclude", { options: "--attempt and --follow" });
    const now = Date.now();
    const { tasks } = await readRunTasks(run, now);
    if (!follow) requireTask(run, tasks, pathspec);
    const selected = selectTasks(tasks, pathspec);
    const isOne = pathspec.task !== undefined || (pathspec.step !== undefined && selected.length === 1 && !follow);
    const tasksOfStep = new Map<string, number>();
    for (const { step } of tasks) tasksOfStep.set(step, (tasksOfStep.get(step) ?? 0) + 1);
    const isOnly = (step: string): boolean => !follow && tasksOfStep.get(step) === 1;
    const printer = new LogPrinter(screen.out, { stream, timestamps: given.options.has("timestamps"), names: !isOne, isOnly, colors: screen.colors });
    const onUnreadable = tellOnce(screen);
    if (follow) {
      using follower = new LogFollower({ run, pathspec, stream, tell: (task, lines) => printer.print(task, lines), onUnreadable });
      while (!screen.out.isBroken && (await follower.poll(Date.now()))) await wait(FOLLOW_EVERY_MS);
      return exitCodes.done;
    }
    using growing = new GrowingOutput(onUnreadable);
    await growing.look(attempt === undefined ? selected : [], now);
    for (const task of selected) {
      if (screen.out.isBroken) break;
      printer.print(task, await readLog(attempt === undefined ? task : await taskAtAttempt(task, attempt), growing, now));
    }
    return exitCodes.done;
  },
});

/** Says, once, why the output of tasks at work cannot be read. */
function tellOnce({ err }: Screen): (error: unknown) => void {
  let isTold = false;
  return (error) => {
    if (isTold) return;
    isTold = true;
    const hint = isMillraceError(error) ? ` ${error.hint}` : "";
    err.write(`What tasks at work print cannot be read from here: ${messageOf(error)}${hint} It is kept when they have ended.\n`);
  };
}

function chosenStream({ options }: Arguments): "stdout" | "stderr" | undefined {
  const stdout = options.has("stdout");
  const stderr = options.has("stderr");
  return stdout === stderr ? undefined : stdout ? "stdout" : "stderr";
}
