import { MillraceError } from "../core/errors/millrace-error.js";
import type { Graph, GraphStep } from "../core/graph.js";
import { nearestName } from "../core/nearest-name.js";
import { formatPathspec } from "../core/pathspec.js";
import { parseSpinId } from "../core/spin-id.js";
import { formatTaskRef } from "../core/task-ref.js";
import type { RunStore } from "../datastore/run-store.js";
import { readRunTasks, type RunTask, type RunTasks } from "../datastore/run-tasks.js";
import { dueTasks } from "../scheduler/due-tasks.js";
import type { Task } from "../scheduler/task.js";
import type { SpinRequest } from "./run-request.js";

/** A task of an earlier run that is to run again. */
export interface SpunTask {
  readonly run: RunStore;
  /** As the run came to start it. */
  readonly task: Task;
  /** What is on record of it; undefined when it left none: it was interrupted, or is at work. */
  readonly recorded: RunTask | undefined;
  /** Every task of the run. */
  readonly tasks: RunTasks;
}

/**
 * Finds a task and what it started from, whatever became of it.
 * @throws MillraceError `task-unknown`, `spin-ambiguous`, `spin-not-started`, `spin-of-spin`
 */
export async function findSpunTask(run: RunStore, named: Pick<SpinRequest, "step" | "task">): Promise<SpunTask> {
  requireRun(run, named);
  requireStep(run, named.step);
  const tasks = await readRunTasks(run, Date.now());
  const id = named.task ?? theOneOf(run, tasks, named.step);
  const due = dueTasks(run.record.graph, { step: named.step, ...(id !== undefined && { task: id }) }, (step, task) => {
    const found = tasks.get(step, task);
    const next = found?.status === "done" ? found.record?.next : undefined;
    return found === undefined || next === undefined ? undefined : { ref: formatTaskRef(step, task, found.ranIn.id), transition: next };
  });
  const [task, another] = due;
  if (task === undefined) throw notFound(run, tasks, named);
  if (another !== undefined)
    throw ambiguous(
      run,
      named.step,
      due.map((one) => one.id),
      0,
    );
  return { run, task, recorded: tasks.get(task.plan.name, task.id), tasks };
}

/**
 * What a step gets by its parameter has to be what its task has.
 * @throws MillraceError `spin-step-unknown`, `spin-step-changed`
 */
export function stepOfToday(graph: Graph, { run, task }: SpunTask): GraphStep {
  const step = graph.steps.find(({ name }) => name === task.plan.name);
  if (step === undefined) {
    const near = nearestName(
      task.plan.name,
      graph.steps.map(({ name }) => name),
    );
    throw new MillraceError("spin-step-unknown", { step: task.plan.name, flow: graph.flow, run: run.pathspec, near });
  }
  const [was, is] = [task.plan.step.takes, step.takes];
  if (was !== is && (is !== "nothing" || was === "inputs")) {
    throw new MillraceError("spin-step-changed", { step: step.name, run: run.pathspec, was: takenText[was], is: takenText[is] });
  }
  return step;
}

const takenText: Readonly<Record<GraphStep["takes"], string>> = { inputs: "inputs to join", item: "an item", nothing: "nothing" };

function requireRun(run: RunStore, { step, task }: Pick<SpinRequest, "step" | "task">): void {
  const spin = parseSpinId(run.id);
  if (spin === undefined) return;
  const pathspec = formatPathspec(run.flow, run.id, step, task);
  throw new MillraceError("spin-of-spin", { pathspec, origin: formatPathspec(run.flow, spin.run, step, task) });
}

function requireStep(run: RunStore, step: string): void {
  const names = run.record.graph.steps.map(({ name }) => name);
  if (names.includes(step)) return;
  const near = nearestName(step, names);
  throw new MillraceError("task-unknown", {
    pathspec: formatPathspec(run.flow, run.id, step),
    near: near === undefined ? undefined : formatPathspec(run.flow, run.id, near),
  });
}

/** The id of a step's only task, or of the only one that failed; undefined when it has none on record. */
function theOneOf(run: RunStore, { tasks }: RunTasks, step: string): string | undefined {
  const ofStep = tasks.filter((task) => task.step === step);
  const failed = ofStep.filter(({ status }) => status === "failed");
  const [first] = failed.length > 0 ? failed : ofStep;
  if (ofStep.length > 1 && failed.length !== 1)
    throw ambiguous(
      run,
      step,
      (failed.length > 0 ? failed : ofStep).map(({ task }) => task),
      failed.length,
      ofStep.length,
    );
  return first?.task;
}

function ambiguous(run: RunStore, step: string, ids: readonly string[], failed: number, count = ids.length): MillraceError {
  const examples = ids.slice(0, 3).map((id) => formatPathspec(run.flow, run.id, step, id));
  return new MillraceError("spin-ambiguous", { step: formatPathspec(run.flow, run.id, step), count, failed, examples });
}

/** It is no task of the flow, or one that the run did not come to. */
function notFound(run: RunStore, { tasks }: RunTasks, { step, task }: Pick<SpinRequest, "step" | "task">): MillraceError {
  const siblings = tasks.filter((candidate) => candidate.step === step).map((candidate) => candidate.task);
  const pathspec = formatPathspec(run.flow, run.id, step, task);
  if (siblings.length === 0 || task === undefined) return new MillraceError("spin-not-started", { task: pathspec, run: run.pathspec });
  const near = siblings.length === 1 ? siblings[0] : nearestName(task, siblings);
  return new MillraceError("task-unknown", { pathspec, near: near === undefined ? undefined : formatPathspec(run.flow, run.id, step, near) });
}
