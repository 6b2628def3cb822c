import type { Graph } from "../core/graph.js";
import type { FinishedTask } from "./origin.js";
import { RunState } from "./run-state.js";
import { makePlan } from "./step-plan.js";
import type { Task } from "./task.js";

/**
 * Tasks of a step as the run that is recorded came to start them: with their parents, open fan-outs and, for a join,
 * what it joins. The recorded transitions are followed up to the step, so what became of the tasks themselves does not
 * matter. Of a loop, the first round that is not followed.
 * @param wanted Without a task: every one of the step.
 */
export function dueTasks(
  graph: Graph,
  wanted: { readonly step: string; readonly task?: string },
  find: (step: string, task: string) => FinishedTask | undefined,
): Task[] {
  const isWanted = (step: string, task: string): boolean => step === wanted.step && (wanted.task === undefined || wanted.task === task);
  const state = new RunState({
    plan: makePlan(graph, 1, () => 1),
    origin: { run: "", rerun: new Set(), find: (step, task) => (isWanted(step, task) ? undefined : find(step, task)) },
    keepGoing: true,
    listener: { planned: () => {}, reused: () => {} },
  });
  state.start();
  const due: Task[] = [];
  for (let task = state.take(1); task !== undefined; task = state.take(1)) {
    if (isWanted(task.plan.name, task.id)) due.push(task);
    // So that those after it in a fan-out of bounded concurrency have their turn.
    state.failed(task);
  }
  return due;
}
