import type { Compute } from "../compute/compute.js";
import type { Clock } from "../core/clock.js";
import { LAYOUT_VERSION, type RunResult } from "../core/records.js";
import type { Reporter } from "../core/run-event.js";
import { formatTaskRef } from "../core/task-ref.js";
import type { TaskOutcome, TaskSpec } from "../core/task-spec.js";
import type { RunStore } from "../datastore/run-store.js";
import { LeaseKeeper } from "./lease-keeper.js";
import { RunAnnouncer } from "./run-announcer.js";
import type { Task } from "./task.js";

export interface SingleTaskOptions {
  /** Where the result is kept. */
  readonly run: RunStore;
  readonly task: Task;
  readonly spec: TaskSpec;
  readonly compute: Compute;
  readonly reporter: Reporter;
  readonly clock: Clock;
  /** Aborted: the task is stopped. */
  readonly stop: AbortSignal;
  /** Aborted: it ends at once. */
  readonly kill: AbortSignal;
  /** Called when the task has ended, before that is told. */
  readonly beforeEnd?: () => Promise<void>;
}

/** Runs one attempt of one task and nothing after it. */
export async function runSingleTask(options: SingleTaskOptions): Promise<RunResult> {
  const { run, task, compute, reporter, clock, stop, kill } = options;
  const announcer = new RunAnnouncer(run, clock, reporter);
  const onStop = (): void => {
    announcer.interrupted(String(stop.reason), compute.running().length);
    compute.stop("gently");
  };
  const onKill = (): void => compute.stop("at-once");
  stop.addEventListener("abort", onStop, { once: true });
  kill.addEventListener("abort", onKill, { once: true });
  const lease = new LeaseKeeper({ run, clock, running: () => compute.running(), onError: (error) => announcer.warn("lease-unwritten", error) });
  lease.start();
  try {
    announcer.planned(task.plan.name, 1);
    const outcome = stop.aborted ? undefined : await attempt(options, announcer);
    const result = resultOf(task, outcome, stop.aborted, clock.now());
    await run.writeResult(result).catch((error: unknown) => announcer.warn("result-unwritten", error));
    await options.beforeEnd?.();
    announcer.finished(result, { results: announcer.nameOf(task).pathspec });
    return result;
  } finally {
    await lease[Symbol.asyncDispose]();
    stop.removeEventListener("abort", onStop);
    kill.removeEventListener("abort", onKill);
  }
}

/** Undefined when the attempt never began. */
function attempt({ task, spec, compute }: SingleTaskOptions, announcer: RunAnnouncer): Promise<TaskOutcome | undefined> {
  const name = announcer.nameOf(task);
  return new Promise((resolve) => {
    compute.submit(spec, {
      queued: (job, where, again) => announcer.queued(name, job, where, again),
      started: () => announcer.started(name),
      output: (stream, text) => announcer.output(name, stream, text),
      trouble: (reason) => announcer.storeTrouble(reason),
      ended: (outcome) => {
        if (outcome.status === "done") announcer.done(task, outcome);
        else announcer.failed(task, outcome, undefined);
        resolve(outcome);
      },
      withdrawn: () => resolve(undefined),
    });
  });
}

function resultOf(task: Task, outcome: TaskOutcome | undefined, wasStopped: boolean, now: number): RunResult {
  const common = { format: LAYOUT_VERSION, finishedAt: now };
  const failed =
    outcome?.status === "failed" ? [{ task: formatTaskRef(task.plan.name, task.id), attempt: task.attempt, failure: outcome.failure }] : [];
  if (outcome?.status === "done") return { ...common, status: "done", counts: { done: 1, failed: 0, reused: 0 }, failed };
  if (wasStopped || outcome === undefined) return { ...common, status: "interrupted", counts: { done: 0, failed: 0, reused: 0 }, failed: [] };
  return { ...common, status: "failed", counts: { done: 0, failed: 1, reused: 0 }, failed };
}
