import { parseDuration } from "../../core/duration.js";
import { isMillraceError, MillraceError } from "../../core/errors/millrace-error.js";
import { parsePathspec } from "../../core/pathspec.js";
import { runStatuses, type RunStatus } from "../../core/records.js";
import { cleanUp } from "../../datastore/cleanup/clean-up.js";
import type { Datastore } from "../../datastore/datastore.js";
import type { RunCriteria } from "../../datastore/cleanup/run-choice.js";
import { wholeNumberOption, type Arguments } from "../arguments.js";
import { tidy } from "../../store/open-store.js";
import { exitCodes } from "../command.js";
import { readingOptions } from "../option.js";
import { cleanUpJson, formatCleanUp } from "../reading/clean-up-text.js";
import { openDatastore } from "../reading/named-run.js";
import { requireFlow } from "../reading/named-flow.js";
import { printJson, simpleCommand } from "../simple-command.js";

export const gcCommand = simpleCommand({
  name: "gc",
  usage: "[FLOWNAME|RUN] [options]",
  description: [
    "Drops runs, and the data that no run refers to. A run goes when it meets all that is said; when nothing is said, no run",
    "goes, only data that none refers to. What a run that stays refers to stays as well, and runs at work are left alone.",
  ].join("\n"),
  options: [
    { name: "older-than", placeholder: "DURATION", help: "runs that started longer ago than that: 30d, 12h" },
    { name: "keep", placeholder: "N", help: "all but the N newest runs of each flow" },
    { name: "status", placeholder: "STATUS", help: `runs of that status: ${runStatuses.join(", ")} (a,b or repeatable)`, repeatable: true },
    { name: "tag", placeholder: "TAG", help: "runs with that tag (repeatable: with all of them)", repeatable: true },
    { name: "without-tag", placeholder: "TAG", help: "runs without that tag (repeatable: with none of them)", repeatable: true },
    { name: "dry-run", help: "tell what would go and how much it is; change nothing" },
    ...readingOptions,
  ],
  examples: [
    { command: "millrace gc --older-than 30d --dry-run", does: "what would go" },
    { command: "millrace gc --older-than 30d --without-tag keep", does: "old runs, but for those that are tagged" },
    { command: "millrace gc ScoreFlow --keep 20", does: "all but a flow's newest 20" },
    { command: "millrace gc ScoreFlow/12", does: "one run" },
    { command: "millrace gc", does: "only data that no run refers to" },
  ],
  words: { least: 0, most: 1, what: "a flow's name" },

  async work({ words: [target], arguments: given, settings, screen }) {
    const datastore = await openDatastore(settings);
    const criteria: RunCriteria = { ...readCriteria(given), ...readTarget(target) };
    await requireTarget(datastore, criteria);
    const dryRun = given.options.has("dry-run");
    const report = await cleanUp(datastore, { criteria, dryRun, now: Date.now });
    tidy(datastore.store);
    if (settings.json) printJson(screen, cleanUpJson(report, dryRun));
    else screen.out.write(formatCleanUp(report, { criteria, dryRun, colors: screen.colors }));
    return exitCodes.done;
  },
});

/** A damaged record is no reason not to drop its run. */
async function requireTarget(datastore: Datastore, { flow, run }: RunCriteria): Promise<void> {
  if (flow === undefined) return;
  await requireFlow(datastore, flow);
  if (run === undefined) return;
  try {
    await datastore.openRun(flow, run);
  } catch (error) {
    if (!isMillraceError(error, "record-damaged")) throw error;
  }
}

/** A run that is named is one of many criteria; `latest` is not one to drop things by. */
function readTarget(target: string | undefined): Pick<RunCriteria, "flow" | "run"> {
  if (target === undefined) return {};
  const { flow, run, step } = parsePathspec(target);
  if (step !== undefined) throw new MillraceError("pathspec-too-long", { pathspec: target, wanted: "run", example: `millrace gc ${flow}/${run}` });
  if (run === "latest") throw new MillraceError("gc-latest", { flow });
  return { flow, ...(run !== undefined && { run }) };
}

function readCriteria(given: Arguments): RunCriteria {
  const { options } = given;
  const [age] = options.get("older-than")?.values ?? [];
  const olderThanMs = age === undefined ? undefined : parseDuration(age);
  if (age !== undefined && olderThanMs === undefined) {
    throw new MillraceError("bad-option-value", { source: "--older-than", value: `“${age}”`, expected: "a duration such as 30d or 12h" });
  }
  const keep = wholeNumberOption(given, "keep", 0);
  return {
    ...(olderThanMs !== undefined && { olderThanMs }),
    ...(keep !== undefined && { keep }),
    tags: options.get("tag")?.values ?? [],
    withoutTags: options.get("without-tag")?.values ?? [],
    statuses: (options.get("status")?.values ?? []).flatMap((value) => value.split(",")).map(readStatus),
  };
}

function readStatus(text: string): RunStatus {
  const status = runStatuses.find((known) => known === text.trim());
  if (status !== undefined) return status;
  throw new MillraceError("bad-option-value", { source: "--status", value: `“${text}”`, expected: `one of ${runStatuses.join(", ")}` });
}
