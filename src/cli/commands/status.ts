import { MillraceError } from "../../core/errors/millrace-error.js";
import { exitCodes } from "../command.js";
import { datastoreOption } from "../../terminal/datastore-option.js";
import { readingOptions } from "../option.js";
import { programName } from "../../terminal/program-name.js";
import { openNamedRun } from "../reading/named-run.js";
import { readStatus, statusJson } from "../reading/run-status-view.js";
import { formatStatus } from "../reading/status-text.js";
import { printJson, simpleCommand } from "../simple-command.js";

export const statusCommand = simpleCommand({
  name: "status",
  usage: "RUN [options]",
  description: "Shows one run, step by step: what is done, what failed and why, what is at work.",
  options: readingOptions,
  examples: [
    { command: "millrace status ScoreFlow/12", does: "one run" },
    { command: "millrace status ScoreFlow/latest --json", does: "the newest, with every task, for other programs" },
  ],
  words: { least: 1, most: 1, what: "a run" },

  async work({ words: [text = ""], settings, screen, host }) {
    const { run, pathspec } = await openNamedRun(settings, text);
    if (pathspec.step !== undefined) {
      throw new MillraceError("pathspec-too-long", { pathspec: text, wanted: "run", example: `millrace status ${run.pathspec}` });
    }
    const now = Date.now();
    const status = await readStatus(run, now);
    if (settings.json) printJson(screen, statusJson(status));
    else
      screen.out.write(
        formatStatus(status, {
          now,
          colors: screen.colors,
          settings,
          cwd: host.cwd,
          program: programName(host.environment),
          datastoreOption: datastoreOption(settings, host.cwd),
        }),
      );
    return exitCodes.done;
  },
});
