import { MillraceError } from "../core/errors/millrace-error.js";
import { nearestName } from "../core/nearest-name.js";
import { formatPathspec, type Pathspec } from "../core/pathspec.js";
import type { RunStore } from "./run-store.js";
import type { RunTask } from "./run-tasks.js";

/** @throws MillraceError `task-unknown` when the run's flow has no such step. */
export function requireStep(run: RunStore, step: string): void {
  const names = run.record.graph.steps.map(({ name }) => name);
  if (names.includes(step)) return;
  const near = nearestName(step, names);
  throw new MillraceError("task-unknown", { pathspec: `${run.pathspec}/${step}`, near: near === undefined ? undefined : `${run.pathspec}/${near}` });
}

/** The tasks that a pathspec names: of a run, a step, or one. */
export function selectTasks(tasks: readonly RunTask[], { step, task }: Pathspec): readonly RunTask[] {
  return tasks.filter((candidate) => (step === undefined || candidate.step === step) && (task === undefined || candidate.task === task));
}

/** @throws MillraceError `task-unknown` when the pathspec names one task and there is none. */
export function requireTask(run: RunStore, tasks: readonly RunTask[], pathspec: Pathspec): void {
  const { step, task } = pathspec;
  if (step === undefined || task === undefined || selectTasks(tasks, pathspec).length > 0) return;
  const siblings = tasks.filter((candidate) => candidate.step === step).map((candidate) => candidate.task);
  const near = siblings.length === 1 ? siblings[0] : nearestName(task, siblings);
  throw new MillraceError("task-unknown", {
    pathspec: formatPathspec(run.flow, run.id, step, task),
    near: near === undefined ? undefined : formatPathspec(run.flow, run.id, step, near),
  });
}
