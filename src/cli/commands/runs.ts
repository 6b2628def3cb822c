import { MillraceError } from "../../core/errors/millrace-error.js";
import { runStatuses } from "../../core/records.js";
import { timeOf } from "../../client/run-query.js";
import { plural } from "../../core/quantity-text.js";
import { shortPath } from "../../terminal/summary-text.js";
import { wholeNumberOption, type Arguments } from "../arguments.js";
import { exitCodes } from "../command.js";
import { readingOptions, settingOption } from "../option.js";
import { requireFlow } from "../reading/named-flow.js";
import { openDatastore } from "../reading/named-run.js";
import { newestRuns } from "../../datastore/newest-runs.js";
import type { RunFilter } from "../../datastore/run-filter.js";
import { runRow, type RunRow } from "../../datastore/run-row.js";
import { formatRuns } from "../reading/run-text.js";
import { printJson, simpleCommand } from "../simple-command.js";

/** Runs that the table shows unless it is told otherwise. */
const SHOWN = 20;

export const runsCommand = simpleCommand({
  name: "runs",
  usage: "[FLOWNAME] [options]",
  description: "Lists the runs of a flow, or of all flows, the newest first.",
  options: [
    { name: "limit", placeholder: "N", help: `show the N newest that fit`, fallback: `${SHOWN}; with --json all` },
    { name: "status", placeholder: runStatuses.join("|"), help: "only runs of that status" },
    { name: "tag", placeholder: "TAG", help: "only runs with that tag (repeatable: with all of them)", repeatable: true },
    { name: "user", placeholder: "USER", help: "only runs that USER started" },
    { name: "since", placeholder: "DATE|SPAN", help: "only runs started then or later: 2026-11-01, or 7d for the last seven days" },
    settingOption("namespace"),
    ...readingOptions,
  ],
  examples: [
    { command: "millrace runs ScoreFlow", does: "one flow's runs" },
    { command: "millrace runs --status failed --limit 5", does: "the last that failed" },
    { command: "millrace runs --since 12h --tag nightly", does: "those of the last twelve hours with a tag" },
    { command: "millrace runs --json", does: "all, for other programs" },
  ],
  words: { least: 0, most: 1, what: "a flow's name" },

  async work({ words: [flow], arguments: given, settings, screen, host }) {
    const now = Date.now();
    const filter = readFilter(given, settings.namespace, now);
    const limit = wholeNumberOption(given, "limit", 1) ?? (settings.json ? Number.POSITIVE_INFINITY : SHOWN);
    const datastore = await openDatastore(settings);
    const flows = flow === undefined ? await datastore.flows() : [await requireFlow(datastore, flow)];
    const rows: RunRow[] = [];
    const damaged: Error[] = [];
    let more = false;
    for await (const header of newestRuns(datastore, flows, { now, filter, onDamaged: (error) => damaged.push(error) })) {
      more = rows.length >= limit;
      if (more) break;
      rows.push(runRow(header));
    }
    if (settings.json) printJson(screen, rows);
    else if (rows.length > 0) {
      screen.out.write(formatRuns(rows, now, screen.colors));
      if (more) screen.out.write(screen.colors.gray(`These are the ${plural(rows.length, "newest run")}; --limit shows more.\n`));
    } else {
      const place = shortPath(datastore.location, host.cwd);
      screen.out.write(flows.length === 0 ? `There are no runs in ${place} yet. millrace run flow.ts starts one.\n` : `No run fits in ${place}.\n`);
    }
    for (const error of damaged) screen.err.write(`${screen.errorColors.yellow("!")} ${error.message}\n`);
    return damaged.length === 0 ? exitCodes.done : exitCodes.failed;
  },
});

/** @throws MillraceError `bad-option-value` */
function readFilter({ options }: Arguments, namespace: string | undefined, now: number): RunFilter {
  const [status] = options.get("status")?.values ?? [];
  const [user] = options.get("user")?.values ?? [];
  const [since] = options.get("since")?.values ?? [];
  const known = runStatuses.find((one) => one === status);
  if (status !== undefined && known === undefined) {
    throw new MillraceError("bad-option-value", { source: "--status", value: `“${status}”`, expected: `one of ${runStatuses.join(", ")}` });
  }
  return {
    tags: [...(options.get("tag")?.values ?? []), ...(namespace === undefined ? [] : [namespace])],
    ...(known !== undefined && { statuses: [known] }),
    ...(user !== undefined && { user }),
    ...(since !== undefined && { since: timeOf(since, now, "--since") }),
  };
}
