import { parseIndexes } from "./array-indexes.js";
import { parseExit, type SlurmExit } from "./exit-code.js";
import { phaseOf, type JobPhase } from "./job-state.js";

/** One job, or one task of an array, as the cluster lists it. */
export interface ListedJob {
  /** `12`, or `12_3` for a task of an array. */
  readonly id: string;
  readonly state: string;
  readonly phase: JobPhase;
  /** Why it waits or failed, in Slurm's word; `None` when there is nothing to say. */
  readonly reason: string;
  readonly exit: SlurmExit | undefined;
  /** The node that runs its script; empty while it waits. */
  readonly node: string;
  readonly partition: string;
  /** Seconds since the epoch are not asked for: the text is Slurm's, in the cluster's local time. */
  readonly submittedAt: string;
  readonly name: string;
  readonly comment: string;
}

/**
 * The columns asked of squeue. `NAME:|` prints a field whole and a bar after it, since Slurm 20.02, whatever plugins the
 * site has built; `--json` is there only with a plugin, and its shape changes from version to version. What people write
 * (name, comment) stands last. See squeue's manual page, `--Format`.
 */
const COLUMNS = ["JobArrayID", "State", "Reason", "exit_code", "BatchHost", "Partition", "SubmitTime", "Name", "Comment"] as const;

/** Everything of a user that the controller remembers: waiting, at work, and what ended in the last minutes (MinJobAge). */
export function listingArguments(user: string): readonly string[] {
  return ["--noheader", "--states=all", `--user=${user}`, `--Format=${COLUMNS.map((column) => `${column}:|`).join(",")}`];
}

/** Reads squeue's answer to {@link listingArguments}. Lines that are no jobs (the header of a federation's cluster) are left out. */
export function parseListing(text: string): readonly ListedJob[] {
  return text.split("\n").flatMap(parseLine);
}

function parseLine(line: string): readonly ListedJob[] {
  const fields = line.split("|");
  if (fields.length <= COLUMNS.length) return [];
  const [idText = "", state = "", reason = "", exit = "", node = "", partition = "", submittedAt = "", name = "", ...rest] = fields;
  const comment = rest.slice(0, -1).join("|");
  const known = {
    state,
    phase: phaseOf(state),
    reason,
    exit: parseExit(exit),
    node: absent(node),
    partition,
    submittedAt,
    name,
    comment: absent(comment),
  };
  return idsOf(idText).map((id) => ({ id, ...known }));
}

/** Tasks of an array that wait stand in one line: `12_[3-7,9%4]`. */
function idsOf(text: string): readonly string[] {
  const match = /^(\d+)_\[(.+)\]$/.exec(text);
  if (match === null) return /^\d+(?:_\d+)?$/.test(text) ? [text] : [];
  const [, array = "", expression = ""] = match;
  return (parseIndexes(expression) ?? []).map((index) => `${array}_${index}`);
}

function absent(text: string): string {
  return text === "(null)" || text === "n/a" ? "" : text;
}
