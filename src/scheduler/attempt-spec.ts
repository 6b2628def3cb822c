import type { Failure } from "../core/failure.js";
import type { RunOptions } from "../core/records.js";
import type { TaskSpec } from "../core/task-spec.js";
import type { RunStore } from "../datastore/run-store.js";
import { foreachFrames } from "./frame.js";
import type { Task } from "./task.js";

/** What a backend is told of a task's next attempt; with the failure to catch, of the commit that follows the last one. */
export function attemptSpec(run: RunStore, options: RunOptions, task: Task, caught: Failure | undefined): TaskSpec {
  const { joined, plan } = task;
  return {
    flow: run.flow,
    run: run.id,
    step: plan.name,
    task: task.id,
    attempt: task.attempt,
    foreach: foreachFrames(task.frame, task.branch),
    parents: task.parents,
    ...(joined !== undefined && { join: { kind: joined.kind, ...(joined.kind === "split" && { branches: joined.targets }) } }),
    mode: caught === undefined ? "run" : "catch",
    retriesLeft: Math.max(0, plan.retry.times - task.attempt),
    ...(caught !== undefined && { failure: caught }),
    ...(plan.timeoutMs !== undefined && caught === undefined && { timeoutMs: plan.timeoutMs }),
    ...(plan.hasSecrets && caught === undefined && { hasSecrets: true }),
    maxNumSplits: options.maxNumSplits,
    maxLogBytes: options.maxLogBytes,
  };
}
