import { parseExit } from "./exit-code.js";
import type { ListedJob } from "./job-listing.js";
import { phaseOf } from "./job-state.js";

const FIELDS = ["JobID", "State", "ExitCode", "NodeList", "Reason"] as const;

/** Asks the cluster's accounts for jobs that its controller has forgotten. `-X`: jobs without their steps. */
export function accountingArguments(ids: readonly string[]): readonly string[] {
  return ["--noheader", "--parsable2", "--allocations", "--duplicates", `--jobs=${ids.join(",")}`, `--format=${FIELDS.join(",")}`];
}

/** Reads sacct's answer to {@link accountingArguments}. Of a job that was started several times the last time counts. */
export function parseAccounting(text: string): ReadonlyMap<string, ListedJob> {
  const jobs = new Map<string, ListedJob>();
  for (const line of text.split("\n")) {
    const [id, state, exit = "", node = "", reason = "None"] = line.split("|");
    if (id === undefined || state === undefined || !/^\d+(?:_\d+)?$/.test(id)) continue;
    const absent = node === "None assigned" || node === "";
    jobs.set(id, {
      id,
      state,
      phase: phaseOf(state),
      reason,
      exit: parseExit(exit),
      node: absent ? "" : node,
      partition: "",
      submittedAt: "",
      name: "",
      comment: "",
    });
  }
  return jobs;
}
