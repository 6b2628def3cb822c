import { findDecorator, isNumber, option } from "../core/definition.js";
import type { Graph, GraphStep } from "../core/graph.js";
import type { Transition } from "../core/transition.js";
import { retryPolicy, type RetryPolicy } from "./retry-policy.js";

/** What the scheduler needs to know of a step, looked up once. */
export interface StepPlan {
  readonly step: GraphStep;
  readonly name: string;
  readonly slots: number;
  readonly retry: RetryPolicy;
  readonly catches: boolean;
  readonly hasSecrets: boolean;
  readonly timeoutMs: number | undefined;
  /** For a split or foreach step: the step that joins it. */
  readonly joinedBy: string | undefined;
}

export type Plan = ReadonlyMap<string, StepPlan>;

/** @param slotsOf What a task of a step takes of the run's workers; at most all of them. 0: it runs elsewhere, in any number. */
export function makePlan(graph: Graph, maxWorkers: number, slotsOf: (step: GraphStep) => number): Plan {
  const joinOf = new Map<string, string>();
  for (const step of graph.steps) if (step.joins !== undefined) joinOf.set(step.joins, step.name);
  return new Map(
    graph.steps.map((step): [string, StepPlan] => [
      step.name,
      {
        step,
        name: step.name,
        slots: Math.min(maxWorkers, slotsOf(step)),
        retry: retryPolicy(step),
        hasSecrets: findDecorator(step, "secrets") !== undefined,
        catches: findDecorator(step, "catchError") !== undefined,
        timeoutMs: option(findDecorator(step, "timeout"), "durationMs", isNumber),
        joinedBy: joinOf.get(step.name),
      },
    ]),
  );
}

/** Can the step, as the code is now, have made this transition? A recorded one may be from code that has changed. */
export function allows(plan: StepPlan, transition: Transition): boolean {
  const { kind, next } = plan.step;
  switch (transition.kind) {
    case "end":
      return kind === "end";
    case "foreach":
      return kind === "foreach" && next.includes(transition.target);
    case "next":
      if (kind === "split") return transition.targets.length === next.length && next.every((name) => transition.targets.includes(name));
      return (kind === "linear" || kind === "switch") && transition.targets.length === 1 && transition.targets.every((name) => next.includes(name));
  }
}

/** The step and every step that can come after it. */
export function downstream(graph: Graph, from: string): ReadonlySet<string> {
  const steps = new Map(graph.steps.map((step) => [step.name, step]));
  const found = new Set<string>([from]);
  for (const name of found) for (const next of steps.get(name)?.next ?? []) found.add(next);
  return found;
}
