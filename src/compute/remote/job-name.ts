import { createHash } from "node:crypto";
import type { RunRecord } from "../../core/records.js";

/** Which attempt a job is for; of an array, that of its first element. */
export interface JobPlace {
  readonly step: string;
  readonly task: string;
  /** From 0. */
  readonly attempt: number;
}

/** Characters of a flow's, step's or task's name in a job's: with all the rest they make less than 128. */
const NAME_CHARACTERS = 32;

type RunName = Pick<RunRecord, "flow" | "run" | "startedAt" | "host" | "pid">;

/** What the names of a run's jobs begin with; those of other runs may begin so too. */
export function jobNamePrefix({ flow, run }: RunName): string {
  const name = clean(flow);
  // A name begins with a letter or a digit; a class's need not.
  return `${/^[A-Za-z0-9]/.test(name) ? name : `f${name}`}-${clean(run)}-`;
}

/**
 * The name of a job: first for people, `Score-12-score-3-0-1f9c…`, then what sets it apart from the jobs of runs of the
 * same name in other datastores. The same attempt has the same name whoever asks.
 */
export function jobName(run: RunName, { step, task, attempt }: JobPlace): string {
  const mark = createHash("sha256")
    .update(JSON.stringify([run.flow, run.run, run.startedAt, run.host, run.pid, step, task, attempt]))
    .digest("hex")
    .slice(0, 12);
  return `${jobNamePrefix(run)}${clean(step)}-${clean(task)}-${attempt}-${mark}`;
}

function clean(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, NAME_CHARACTERS);
}
