import type { Graph, GraphStep } from "../core/graph.js";

/** Steps as a reader follows them from start: branch after branch, a join after all that it joins. */
export function readingOrder(graph: Graph): readonly GraphStep[] {
  const steps = new Map(graph.steps.map((step) => [step.name, step]));
  const done: GraphStep[] = [];
  const entered = new Set<string>();
  const path: { readonly step: GraphStep; next: number }[] = [];
  const enter = (name: string): void => {
    const step = steps.get(name);
    if (step === undefined || entered.has(name)) return;
    entered.add(name);
    path.push({ step, next: step.next.length });
  };
  for (const first of ["start", ...steps.keys()]) {
    enter(first);
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      // Last target first: the order is turned round at the end.
      const target = visit.step.next[--visit.next];
      if (target !== undefined) enter(target);
      else {
        path.pop();
        done.push(visit.step);
      }
    }
  }
  return done.toReversed();
}
