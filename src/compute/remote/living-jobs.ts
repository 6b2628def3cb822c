import { formatTaskRef, type TaskRef } from "../../core/task-ref.js";
import type { TaskSpec } from "../../core/task-spec.js";
import { RunStore } from "../../datastore/run-store.js";
import type { RemoteEngine } from "./engine.js";
import { findRunJobs } from "./run-jobs.js";

/** A job of an earlier run that has outlived its scheduler: it waits still, or runs. */
export interface LivingJob {
  readonly id: string;
  /** Which engine has it. */
  readonly engine: RemoteEngine["name"];
  /** The run that it belongs to, and whose records it writes. */
  readonly run: RunStore;
  /** What it was told. */
  readonly spec: TaskSpec;
}

/** Names the task that a job will finish: `12:score/3`. */
export function livingRef({ run, spec }: LivingJob): TaskRef {
  return formatTaskRef(spec.step, spec.task, run.id);
}

/** Finds the jobs of a run that have not ended. Jobs whose scheduler died before it could note their ids are found by their names. */
async function findLivingJobs(engine: RemoteEngine, run: RunStore): Promise<readonly LivingJob[]> {
  const jobs = await findRunJobs(engine, run, ({ phase }) => phase === "queued" || phase === "running");
  return jobs.map(({ id, spec }) => ({ id, engine: engine.name, run, spec }));
}

/** The jobs, of a run and of those that it went on from, that have outlived their schedulers. */
export async function findLivingJobsBehind(engine: RemoteEngine, run: RunStore): Promise<readonly LivingJob[]> {
  const { origin } = run.record;
  const before = origin === undefined ? undefined : await RunStore.openReferred(run.store, run.flow, origin.run);
  return [...(await findLivingJobs(engine, run)), ...(before === undefined ? [] : await findLivingJobsBehind(engine, before))];
}

/** Whether what the job was told is what a task of this run would be: then its result is the task's. */
export function hasSameInputs(job: LivingJob, spec: TaskSpec): boolean {
  return JSON.stringify(inputsOf(job.spec, job.run.id)) === JSON.stringify(inputsOf(spec, spec.run));
}

function inputsOf({ step, task, parents, foreach, join }: TaskSpec, run: string): unknown {
  const withRun = (ref: string): string => inRun(ref, run);
  return [step, task, parents.map(withRun), foreach.map((frame) => ({ ...frame, split: withRun(frame.split) })), join];
}

/** A ref, or a range of refs, as runs other than its own have to write it. */
export function inRun(ref: TaskRef, run: string): TaskRef {
  return ref.includes(":") ? ref : `${run}:${ref}`;
}
