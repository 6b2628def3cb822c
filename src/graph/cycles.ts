import type { Problem } from "../core/graph.js";
import { problem } from "./problem.js";
import type { StepEdges } from "./step-edges.js";

export interface Cycles {
  /** Steps that can come round to themselves. */
  readonly looping: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

/** Finds loops, and those that a run could not leave. */
export function findCycles(steps: ReadonlyMap<string, StepEdges>): Cycles {
  const looping = new Set<string>();
  const problems: Problem[] = [];
  for (const component of stronglyConnected(steps)) {
    const [first] = component;
    if (first === undefined || (component.size === 1 && !steps.get(first)?.next.includes(first))) continue;
    for (const name of component) looping.add(name);
    const members = [...component].flatMap((name) => steps.get(name) ?? []);
    const leaves = members.some(({ kind, next }) => kind === "switch" && next.some((target) => !component.has(target)));
    if (leaves || !members.every(({ sound }) => sound)) continue;
    const cycle = traceCycle(steps, component);
    problems.push(problem("endless-cycle", { cycle }, steps.get(cycle.at(-2) ?? first)?.positions.get(cycle.at(-1) ?? first)));
  }
  return { looping, problems };
}

/** A way round inside a component, its first step again at the end. */
function traceCycle(steps: ReadonlyMap<string, StepEdges>, component: ReadonlySet<string>): readonly string[] {
  // In source order, so that the cycle starts where a reader would.
  const start = [...steps.keys()].find((name) => component.has(name));
  const path: string[] = [];
  let at = start;
  while (at !== undefined && !path.includes(at)) {
    path.push(at);
    at = steps.get(at)?.next.find((target) => component.has(target));
  }
  return at === undefined ? path : [...path.slice(path.indexOf(at)), at];
}

interface Visit {
  readonly name: string;
  readonly next: readonly string[];
  /** How many of `next` have been gone into. */
  done: number;
  /** The earliest step still open that can be reached from here. */
  low: number;
  readonly order: number;
}

/** Tarjan's algorithm, without recursion, so that a long flow does not overflow the stack. */
function* stronglyConnected(steps: ReadonlyMap<string, StepEdges>): Generator<ReadonlySet<string>> {
  const orders = new Map<string, number>();
  // Steps entered whose component is not known yet, in order.
  const open: string[] = [];
  const isOpen = new Set<string>();
  const enter = (name: string): Visit => {
    const order = orders.size;
    orders.set(name, order);
    open.push(name);
    isOpen.add(name);
    return { name, next: steps.get(name)?.next ?? [], done: 0, low: order, order };
  };
  for (const root of steps.keys()) {
    if (orders.has(root)) continue;
    const path = [enter(root)];
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const target = visit.next[visit.done++];
      if (target !== undefined) {
        const order = orders.get(target);
        if (order === undefined) path.push(enter(target));
        else if (isOpen.has(target)) visit.low = Math.min(visit.low, order);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) parent.low = Math.min(parent.low, visit.low);
      if (visit.low === visit.order) {
        const component = new Set<string>();
        for (let name = open.pop(); name !== undefined; name = name === visit.name ? undefined : open.pop()) {
          component.add(name);
          isOpen.delete(name);
        }
        yield component;
      }
    }
  }
}
