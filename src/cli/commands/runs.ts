import { MillraceError } from "../../core/errors/millrace-error.js";
import type { RunStatus } from "../../core/records.js";
import { nearestName } from "../../core/nearest-name.js";
import { systemTags } from "../../core/tags.js";
import type { Datastore } from "../../datastore/datastore.js";
import { plural } from "../../core/quantity-text.js";
import { shortPath } from "../../terminal/summary-text.js";
import { wholeNumberOption, type Arguments } from "../arguments.js";
import { exitCodes } from "../command.js";
import { readingOptions } from "../option.js";
import { openDatastore } from "../reading/named-run.js";
import { newestRuns } from "../../datastore/newest-runs.js";
import { readRunRow, type RunRow } from "../reading/run-rows.js";
import { formatRuns } from "../reading/run-text.js";
import { printJson, simpleCommand } from "../simple-command.js";

/** Runs that the table shows unless it is told otherwise. */
const SHOWN = 20;

const statuses: readonly RunStatus[] = ["running", "done", "failed", "interrupted", "lost"];

export const runsCommand = simpleCommand({
  name: "runs",
  usage: "[FLOWNAME] [options]",
  description: "Lists the runs of a flow, or of all flows, the newest first.",
  options: [
    { name: "limit", placeholder: "N", help: `show the N newest that fit`, fallback: `${SHOWN}; with --json all` },
    { name: "status", placeholder: statuses.join("|"), help: "only runs of that status" },
    { name: "tag", placeholder: "TAG", help: "only runs with that tag (repeatable: with all of them)", repeatable: true },
    ...readingOptions,
  ],
  examples: [
    { command: "millrace runs ScoreFlow", does: "one flow's runs" },
    { command: "millrace runs --status failed --limit 5", does: "the last that failed" },
    { command: "millrace runs --json", does: "all, for other programs" },
  ],
  words: { least: 0, most: 1, what: "a flow's name" },

  async work({ words: [flow], arguments: given, settings, screen, host }) {
    const filter = readFilter(given, settings.json ? Number.POSITIVE_INFINITY : SHOWN);
    const datastore = openDatastore(settings);
    const flows = flow === undefined ? await datastore.flows() : [await knownFlow(datastore, flow)];
    const now = Date.now();
    const rows: RunRow[] = [];
    let more = false;
    for await (const run of newestRuns(datastore, flows)) {
      if (filter.tags.length > 0 && !hasTags(filter.tags, [...systemTags(run.record), ...(await run.tags())])) continue;
      const row = await readRunRow(run, now);
      if (filter.status !== undefined && row.status !== filter.status) continue;
      more = rows.length >= filter.limit;
      if (more) break;
      rows.push(row);
    }
    if (settings.json) printJson(screen, rows);
    else if (rows.length > 0) {
      screen.out.write(formatRuns(rows, now, screen.colors));
      if (more) screen.out.write(screen.colors.gray(`These are the ${plural(rows.length, "newest run")}; --limit shows more.\n`));
    } else {
      const place = shortPath(datastore.location, host.cwd);
      screen.out.write(flows.length === 0 ? `There are no runs in ${place} yet. millrace run flow.ts starts one.\n` : `No run fits in ${place}.\n`);
    }
    return exitCodes.done;
  },
});

const hasTags = (wanted: readonly string[], tags: readonly string[]): boolean => wanted.every((tag) => tags.includes(tag));

interface RunFilter {
  readonly limit: number;
  readonly status: string | undefined;
  readonly tags: readonly string[];
}

function readFilter(given: Arguments, limit: number): RunFilter {
  const { options } = given;
  const [status] = options.get("status")?.values ?? [];
  if (status !== undefined && !statuses.some((known) => known === status)) {
    throw new MillraceError("bad-option-value", { source: "--status", value: `“${status}”`, expected: `one of ${statuses.join(", ")}` });
  }
  return { limit: wholeNumberOption(given, "limit", 1) ?? limit, status, tags: options.get("tag")?.values ?? [] };
}

async function knownFlow(datastore: Datastore, flow: string): Promise<string> {
  const flows = await datastore.flows();
  if (flows.includes(flow)) return flow;
  throw new MillraceError("flow-unknown", { flow, location: datastore.location, near: nearestName(flow, flows) });
}
