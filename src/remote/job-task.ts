import { join } from "node:path";
import { LocalPool } from "../compute/local/local-pool.js";
import type { RemoteJob } from "../core/remote-job.js";
import type { TaskOutcome, TaskSpec } from "../core/task-spec.js";
import type { Environment } from "../config/environment.js";
import type { RunStore } from "../datastore/run-store.js";

/** One task of a job, and where its code is unpacked. */
export interface JobTask {
  readonly job: RemoteJob;
  readonly run: RunStore;
  readonly spec: TaskSpec;
  /** The folder in which the code is unpacked, absolute. */
  readonly root: string;
  /** The task process's entry file. */
  readonly entry: string;
  readonly env: Environment;
  /** Megabytes of heap for the task's process; undefined for what the machine or the flow say. */
  readonly heapMb: number | undefined;
  /** Aborted: the machine is to be left. */
  readonly stop: AbortSignal;
  readonly onOutput: (stream: "stdout" | "stderr", text: string) => void;
  /** The task's process finds the datastore slow or failing. */
  readonly onTrouble: (reason: string) => void;
}

/**
 * Runs a job's task in a process of its own, as at home: limits of time, deaths of the process and its output are seen to
 * in the same way, and its record is in the datastore when this resolves. Undefined when it was stopped before it began.
 */
export async function runJobTask(task: JobTask): Promise<TaskOutcome | undefined> {
  const { job, run, spec, root, entry, env, heapMb, stop, onOutput, onTrouble } = task;
  await using pool = new LocalPool({ entry, cwd: join(root, job.code.cwd), env, maxWorkers: 1, ...(heapMb !== undefined && { heapMb }) });
  const load = { type: "load", bundle: join(root, job.code.bundle), exportName: job.code.exportName, describe: false } as const;
  await pool.open({ load, run, store: job.store }, 1);
  return await new Promise<TaskOutcome | undefined>((resolve) => {
    stop.addEventListener("abort", () => pool.stop("gently"), { once: true });
    pool.submit(spec, {
      queued: () => {},
      started: () => {},
      output: onOutput,
      trouble: onTrouble,
      ended: resolve,
      withdrawn: () => resolve(undefined),
    });
    if (stop.aborted) pool.stop("gently");
  });
}
