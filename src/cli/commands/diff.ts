import { MillraceError } from "../../core/errors/millrace-error.js";
import type { RunStore } from "../../datastore/run-store.js";
import type { Settings } from "../../config/settings.js";
import { exitCodes } from "../command.js";
import { readingOptions } from "../option.js";
import { diffJson, formatDiff } from "../reading/diff-text.js";
import { openNamedRun } from "../reading/named-run.js";
import { printJson, simpleCommand } from "../simple-command.js";

export const diffCommand = simpleCommand({
  name: "diff",
  usage: "RUN RUN [options]",
  description: [
    "Shows how a second run differs from a first: parameters, code, graph, what their tasks stored, how long they took and how they",
    "ended. Values are compared by their hashes, and read only to tell how they differ.",
  ].join("\n"),
  options: [{ name: "code", help: "show the lines of code that differ" }, ...readingOptions],
  examples: [
    { command: "millrace diff ScoreFlow/11 ScoreFlow/12", does: "what is new in run 12" },
    { command: "millrace diff ScoreFlow/11 ScoreFlow --code", does: "against the newest, with the lines of code" },
    { command: "millrace diff ScoreFlow/11 ScoreFlow/12 --json", does: "for other programs" },
  ],
  words: { least: 2, most: 2, what: "two runs" },

  async work({ words: [first = "", second = ""], arguments: given, settings, screen }) {
    const [before, after] = await Promise.all([openRun(settings, first), openRun(settings, second)]);
    const { compareRuns } = await import("../../history/run-diff.js");
    const diff = await compareRuns(before, after, Date.now());
    if (settings.json) printJson(screen, diffJson(diff));
    else screen.out.write(formatDiff(diff, { colors: screen.colors, code: given.options.has("code") }));
    return exitCodes.done;
  },
});

async function openRun(settings: Settings, text: string): Promise<RunStore> {
  const { run, pathspec } = await openNamedRun(settings, text);
  if (pathspec.step === undefined) return run;
  throw new MillraceError("pathspec-too-long", { pathspec: text, wanted: "run", example: `millrace diff ${run.pathspec} ${run.flow}` });
}
