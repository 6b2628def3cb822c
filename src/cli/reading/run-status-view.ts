import type { Failure } from "../../core/failure.js";
import type { RunStore } from "../../datastore/run-store.js";
import { parseTaskRef } from "../../core/task-ref.js";
import { readRunHeader } from "../../datastore/run-header.js";
import { isoTime, runRow, type RunRow } from "../../datastore/run-row.js";
import { readRunTasks, type RunTask } from "../../datastore/run-tasks.js";

/** A run with its steps and tasks. */
export interface RunStatusView {
  readonly run: RunStore;
  readonly row: RunRow;
  readonly steps: readonly StepStatus[];
  readonly tasks: readonly RunTask[];
  /** Of the run itself: a failure that is no task's. */
  readonly failure: Failure | undefined;
  readonly damaged: readonly Error[];
}

export interface StepStatus {
  readonly name: string;
  readonly counts: TaskStatusCounts;
  /** When its first task started and its last ended, of those that ran in this run. */
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
}

export interface TaskStatusCounts {
  readonly done: number;
  readonly failed: number;
  readonly running: number;
  readonly reused: number;
}

export async function readStatus(run: RunStore, now: number): Promise<RunStatusView> {
  const [header, { tasks, damaged }] = await Promise.all([readRunHeader(run, now), readRunTasks(run, now)]);
  const { graph, spin } = run.record;
  // A spin has one task, and comes to no other step.
  const names = spin === undefined ? graph.steps.map(({ name }) => name) : [parseTaskRef(spin.task).step];
  const byStep = new Map<string, RunTask[]>(names.map((name) => [name, []]));
  for (const task of tasks) byStep.get(task.step)?.push(task);
  const steps = [...byStep].map(([name, own]) => stepStatus(name, own));
  return { run, row: runRow(header), steps, tasks, failure: header.result?.failure, damaged };
}

function stepStatus(name: string, tasks: readonly RunTask[]): StepStatus {
  const counts = { done: 0, failed: 0, running: 0, reused: 0 };
  let startedAt: number | undefined;
  let finishedAt: number | undefined;
  for (const task of tasks) {
    counts[task.reused ? "reused" : task.status]++;
    if (task.reused) continue;
    if (task.startedAt !== undefined) startedAt = Math.min(startedAt ?? task.startedAt, task.startedAt);
    if (task.finishedAt !== undefined) finishedAt = Math.max(finishedAt ?? task.finishedAt, task.finishedAt);
  }
  return { name, counts, startedAt, finishedAt };
}

/** What `status --json` prints. */
export function statusJson({ row, steps, tasks }: RunStatusView): object {
  return {
    ...row,
    steps: steps.map(({ name, counts }) => ({ name, tasks: counts })),
    tasks: tasks.map((task) => ({
      pathspec: task.pathspec,
      status: task.status,
      attempt: task.attempt,
      reused: task.reused,
      startedAt: task.startedAt === undefined ? null : isoTime(task.startedAt),
      finishedAt: task.finishedAt === undefined ? null : isoTime(task.finishedAt),
      error: task.status === "failed" && task.failure !== undefined ? task.failure : null,
    })),
  };
}
