import { MillraceError } from "../../core/errors/millrace-error.js";
import { readRunTasks } from "../../datastore/run-tasks.js";
import { requireTask, selectTasks } from "../../datastore/task-selection.js";
import { exitCodes } from "../command.js";
import { readingOptions } from "../option.js";
import { openNamedRun } from "../reading/named-run.js";
import { explanationJson, formatExplanation } from "../reading/why-text.js";
import { printJson, simpleCommand } from "../simple-command.js";

export const whyCommand = simpleCommand({
  name: "why",
  usage: "TASK [options]",
  description: "Tells why a task of a resumed run was reused or run again.",
  options: readingOptions,
  examples: [
    { command: "millrace why ScoreFlow/13/score/3", does: "of one task" },
    { command: "millrace why ScoreFlow/latest/join", does: "of a step with one task" },
  ],
  words: { least: 1, most: 1, what: "a task" },

  async work({ words: [text = ""], settings, screen }) {
    const { run, pathspec } = await openNamedRun(settings, text);
    if (pathspec.artifact !== undefined) {
      const example = `millrace why ${run.pathspec}/${pathspec.step}/${pathspec.task}`;
      throw new MillraceError("pathspec-too-long", { pathspec: text, wanted: "task", example });
    }
    const now = Date.now();
    const tasks = await readRunTasks(run, now);
    requireTask(run, tasks.tasks, pathspec);
    const [task, ...more] = selectTasks(tasks.tasks, pathspec);
    if (task === undefined || more.length > 0) {
      const example = `millrace why ${(task ?? tasks.tasks[0])?.pathspec ?? `${run.pathspec}/start/0`}`;
      throw new MillraceError("pathspec-too-short", { pathspec: text, wanted: "task", example });
    }
    const { TaskReasons } = await import("../../history/task-reason.js");
    const explanation = await new TaskReasons(run, tasks, now).explain(task);
    if (settings.json) printJson(screen, explanationJson(explanation));
    else screen.out.write(formatExplanation(explanation, { colors: screen.colors, now }));
    return exitCodes.done;
  },
});
