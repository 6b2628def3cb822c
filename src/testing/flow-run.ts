import { inspect } from "node:util";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { RunResult } from "../core/records.js";
import type { RunEvent } from "../core/run-event.js";
import { compareTaskIds } from "../core/task-id.js";
import { formatTaskRef } from "../core/task-ref.js";
import type { Artifacts, StepName } from "../flow/flow-fields.js";
import type { RunContext } from "../task/run-context.js";
import type { EndedAttempt } from "./in-process-attempt.js";
import { taskRun, type TaskRun } from "./task-run.js";

/** A flow's run in a test. */
export interface FlowRun<F> {
  readonly status: "done" | "failed" | "interrupted";
  /** What `end` had. @throws what failed the run, when it did not come to its end */
  readonly artifacts: Artifacts<F>;
  /** What failed the run: the very thing that its first failed task threw; undefined when it is done. */
  readonly error: unknown;
  /** Every task that ran, by step, in the order of their places. */
  readonly tasks: { readonly [S in StepName<F>]: readonly TaskRun<F>[] };
  /** The tasks that failed for good, the first one first. */
  readonly failed: readonly TaskRun<F>[];
  /** By the test's clock, in milliseconds. */
  readonly durationMs: number;
  /**
   * One task by its step and place: `run.task("score", 3)`, `run.task("inner", "3.7")`; without a place, `0`.
   * @throws MillraceError `test-task-unknown`
   */
  task(step: StepName<F>, id?: string | number): TaskRun<F>;
}

export interface FlowRunSource {
  readonly context: RunContext;
  readonly result: RunResult;
  readonly attempts: readonly EndedAttempt[];
  readonly events: readonly RunEvent[];
}

export function flowRun<F>({ context, result, attempts, events }: FlowRunSource): FlowRun<F> {
  const retryInMs = retryWaits(events);
  const tasks = new Map<string, TaskRun<F>>();
  for (const [ref, ofTask] of byTask(attempts)) {
    tasks.set(ref, taskRun<F>({ context, attempts: ofTask, retryInMs: (attempt) => retryInMs.get(`${ref} ${attempt}`) }));
  }
  const steps = context.run.record.graph.steps.map(({ name }) => name);
  const tasksOf = (step: string): readonly TaskRun<F>[] =>
    [...tasks.values()].filter((task) => task.step === step).toSorted((a, b) => compareTaskIds(a.id, b.id));
  const failed = result.failed.flatMap(({ task }) => tasks.get(task) ?? []);
  const error = result.status === "done" ? undefined : reasonOf(result, failed);
  const run: FlowRun<F> = {
    status: result.status,
    error,
    get artifacts() {
      const end = tasks.get(formatTaskRef("end", "0"));
      if (result.status !== "done" || end === undefined) throw error;
      return end.artifacts;
    },
    // The steps of the graph are methods of the class.
    tasks: Object.fromEntries(steps.map((step) => [step, tasksOf(step)])) as unknown as FlowRun<F>["tasks"],
    failed,
    durationMs: result.finishedAt - context.run.record.startedAt,
    task(step, id = 0) {
      const task = tasks.get(formatTaskRef(step, String(id)));
      if (task === undefined) throw new MillraceError("test-task-unknown", { step, task: String(id), tasks: tasksOf(step).map((one) => one.id) });
      return task;
    },
  };
  // Printed, it shows what it has, and of its tasks how many there are.
  const counts = Object.fromEntries(steps.map((step) => [step, tasksOf(step).length]));
  const shown = { status: run.status, ...(error !== undefined && { error }), durationMs: run.durationMs, tasks: counts };
  Object.defineProperty(run, inspect.custom, { value: () => (run.status === "done" ? { ...shown, artifacts: run.artifacts } : shown) });
  return run;
}

function byTask(attempts: readonly EndedAttempt[]): ReadonlyMap<string, readonly EndedAttempt[]> {
  const found = new Map<string, EndedAttempt[]>();
  for (const attempt of attempts) {
    const ref = formatTaskRef(attempt.spec.step, attempt.spec.task);
    const known = found.get(ref);
    if (known === undefined) found.set(ref, [attempt]);
    else known.push(attempt);
  }
  return found;
}

/** How long the run waited after each attempt that was followed by another. */
function retryWaits(events: readonly RunEvent[]): ReadonlyMap<string, number> {
  const waits = new Map<string, number>();
  for (const event of events) {
    if (event.type !== "task-failed" || event.retryInMs === undefined) continue;
    waits.set(`${formatTaskRef(event.task.step, event.task.task)} ${event.task.attempt}`, event.retryInMs);
  }
  return waits;
}

function reasonOf({ failure }: RunResult, [first]: readonly { readonly error: unknown }[]): unknown {
  if (first !== undefined) return first.error;
  return new Error(failure?.message ?? "The run was stopped before it came to its end.");
}
