import { findDecorator, isNumber, option } from "../../core/definition.js";
import type { Graph, GraphStep } from "../../core/graph.js";

/** What a task of the step takes of the pool: as many workers as it asks processors for. */
export function slotsOf(step: GraphStep): number {
  return Math.max(1, Math.ceil(option(findDecorator(step, "resources"), "cpu", isNumber) ?? 1));
}

/** Megabytes of heap the task processes may grow to: the most that any step asks for, if that is above Node's default. */
export function heapMb(graph: Graph, defaultMb: number): number | undefined {
  const most = Math.max(0, ...graph.steps.map((step) => option(findDecorator(step, "resources"), "memory", isNumber) ?? 0));
  return most > defaultMb ? most : undefined;
}
