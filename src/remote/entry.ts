import { constants, hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { readEnd, writeLost } from "../compute/remote/attempt-end.js";
import { errorFailure } from "../compute/remote/remote-failures.js";
import { processEnvironment, type Environment } from "../config/environment.js";
import { messageOf, MillraceError } from "../core/errors/millrace-error.js";
import { GUARDIAN_VARIABLE, JOB_VARIABLE, type RemoteJob } from "../core/remote-job.js";
import type { TaskOutcome, TaskSpec } from "../core/task-spec.js";
import { readJobSpec } from "../datastore/job-specs.js";
import { RunStore } from "../datastore/run-store.js";
import { openStore } from "../store/open-store.js";
import { watchGuardian } from "./guardian.js";
import { JobProcess } from "./job-process.js";
import { noteTrouble } from "./trouble-note.js";

/** What a job exits with when its attempt failed; why stands in the datastore. */
const FAILED_EXIT_CODE = 1;
/** What is added to a signal's number where it is told as an exit code, as shells do. */
const SIGNAL_BASE = 128;

/**
 * A job's life, from where its code is unpacked: it reads which task is its own, runs it, and shows what it prints. The end is in
 * the datastore; the exit code says whether it was good.
 * @param root The folder in which the code is unpacked, absolute.
 * @param trouble Why the datastore had to be asked again for the code, if it had.
 */
export async function main(job: RemoteJob, root: string, trouble?: string): Promise<void> {
  process.exitCode = await runJob(job, root, trouble).catch((error: unknown) => {
    process.stderr.write(`millrace: ${messageOf(error)}\n`);
    return FAILED_EXIT_CODE;
  });
}

async function runJob(job: RemoteJob, root: string, before: string | undefined): Promise<number> {
  const environment = processEnvironment();
  const stop = new AbortController();
  let stoppedBy: "SIGTERM" | "SIGINT" | undefined;
  const stopBy = (signal: "SIGTERM" | "SIGINT"): void => {
    stoppedBy ??= signal;
    stop.abort();
  };
  // A process that ends with a signal's default cannot stop its task gently.
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stopBy(signal));
  watchGuardian(environment[GUARDIAN_VARIABLE], () => stopBy("SIGTERM"));
  await using task = new JobProcess({
    job,
    root,
    entry: fileURLToPath(new URL("../task/entry.js", import.meta.url)),
    env: { ...environment, [JOB_VARIABLE]: undefined, [GUARDIAN_VARIABLE]: undefined },
  });
  const store = await openStore(job.store, { patient: true });
  let trouble = before;
  const onTrouble = (reason: string): void => void (trouble ??= reason);
  store.onTrouble?.(onTrouble);
  const [run, spec] = await Promise.all([
    openRun(job, () => RunStore.open(store, job.flow, job.run)),
    readJobSpec(store, job.tasks, indexOf(job, environment)),
  ]);
  // The machine was lost just after the task was done: others may already build on what it has left.
  if (isRestart(job, environment) && (await readEnd(run, spec))?.status === "done") return 0;
  const begunAt = Date.now();
  const onOutput = (stream: "stdout" | "stderr", text: string): void => void process[stream].write(text);
  const outcome = await task
    .run({ run, spec, stop: stop.signal, onOutput, onTrouble })
    .catch((error: unknown): TaskOutcome => ({ status: "failed", failure: errorFailure(error), startedAt: begunAt, finishedAt: Date.now() }));
  // Who ended the job knows why; there is no record of it here.
  if (stoppedBy !== undefined && outcome?.status !== "done" && outcome?.record === undefined) return SIGNAL_BASE + constants.signals[stoppedBy];
  const record = outcome === undefined ? undefined : await recordOf(run, spec, outcome);
  if (trouble !== undefined && record !== undefined) await noteTrouble(run, record, trouble);
  return outcome?.status === "done" ? 0 : FAILED_EXIT_CODE;
}

/**
 * The attempt's record. Who did not come as far as the step has left none: where the flow's code does not load on this machine. When it cannot
 * be written, the job's output says what has happened.
 */
async function recordOf(run: RunStore, spec: TaskSpec, outcome: TaskOutcome): Promise<string | undefined> {
  if (outcome.record !== undefined || outcome.status === "done") return outcome.record;
  const { failure, startedAt, finishedAt } = outcome;
  try {
    return JSON.stringify(await writeLost(run, { spec, failure, startedAt, finishedAt, host: hostname(), printed: [] }));
  } catch {
    process.stderr.write(`millrace: ${failure.message}\n`);
    return undefined;
  }
}

function isRestart({ restartVariable }: RemoteJob, environment: Environment): boolean {
  return restartVariable !== undefined && Number(environment[restartVariable] ?? 0) > 0;
}

async function openRun({ flow, run: id }: RemoteJob, open: () => Promise<RunStore | undefined>): Promise<RunStore> {
  const run = await open();
  if (run === undefined) throw new MillraceError("run-unknown", { flow, run: id, newest: undefined });
  return run;
}

function indexOf({ index, arrayVariable = "" }: RemoteJob, environment: Environment): number {
  const number = index ?? Number(environment[arrayVariable] ?? Number.NaN);
  if (!Number.isInteger(number)) throw new Error(`the job has no number: ${arrayVariable} is not set`);
  return number;
}
