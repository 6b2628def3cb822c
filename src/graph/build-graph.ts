import type { DecoratorUse, FlowDefinition } from "../core/definition.js";
import type { Graph, GraphStep, Problem } from "../core/graph.js";
import { nearestName } from "../core/nearest-name.js";
import type { SourcePosition } from "../core/source-position.js";
import { findArtifactReach, type LostArtifact } from "./artifact-reach.js";
import { findCycles } from "./cycles.js";
import { findBadNames } from "./name-lints.js";
import { problem } from "./problem.js";
import { findSplits, type SplitStructure } from "./split-structure.js";
import { findEdges, type StepEdges } from "./step-edges.js";

export interface BuiltGraph {
  /** Undefined when there are problems. */
  readonly graph: Graph | undefined;
  /** Everything that is wrong with the flow, in source order where places are known. */
  readonly problems: readonly Problem[];
  /** Edges followed to pair splits with joins: grows as the graph does. */
  readonly edgesFollowed: number;
}

/** Checks a flow and builds its graph, in time linear in its steps and edges. */
export function buildGraph(definition: FlowDefinition): BuiltGraph {
  const { steps, end, problems: transitionProblems } = findEdges(definition);
  const cycles = findCycles(steps);
  const structure = findSplits(steps);
  const always = new Set(
    [...definition.parameters, ...definition.members.filter(({ initialiser }) => initialiser !== undefined)].map(({ name }) => name),
  );
  const artifacts = findArtifactReach(steps, structure, always);
  const problems = [
    ...findBadNames(definition),
    ...findMissingEnds(definition, end),
    ...transitionProblems,
    ...findUnreachable(steps),
    ...cycles.problems,
    ...structure.problems,
    ...findMisplacedCatch(steps),
    ...artifacts.problems,
  ].toSorted(byPosition);
  const { edgesFollowed } = structure;
  if (problems.length > 0) return { graph: undefined, problems, edgesFollowed };
  const graph: Graph = {
    flow: definition.name,
    ...(definition.doc !== undefined && { doc: definition.doc }),
    steps: [...steps.values()].map((edges) =>
      graphStep(edges, structure, cycles.looping.has(edges.step.name), artifacts.lost.get(edges.step.name) ?? []),
    ),
  };
  return { graph, problems, edgesFollowed };
}

function graphStep(edges: StepEdges, structure: SplitStructure, loops: boolean, lost: readonly LostArtifact[]): GraphStep {
  const { step, kind, next } = edges;
  const place = structure.places.get(step.name);
  return {
    name: step.name,
    kind,
    next,
    ...(place?.joins !== undefined && { joins: place.joins }),
    takes: place?.takes ?? "nothing",
    splits: place?.splits ?? [],
    loops,
    decorators: decoratorsOf(edges),
    ...(step.doc !== undefined && { doc: step.doc }),
    ...(step.position && { position: step.position }),
    ...(step.reads.length > 0 && { reads: step.reads.map(({ name }) => name) }),
    lost,
  };
}

function* findMissingEnds({ name: flow, steps, members, position }: FlowDefinition, end: string | undefined): Generator<Problem> {
  const names = steps.map((step) => step.name);
  const others = names.filter((name) => name !== "start" && name !== end);
  const bare = (name: string): SourcePosition | undefined => members.find((member) => member.name === name && member.kind === "method")?.position;
  if (!names.includes("start")) {
    const method = bare("start");
    yield problem("start-missing", { flow, nearest: nearestName("start", others), isMethod: method !== undefined }, method ?? position);
  }
  if (!names.includes("end")) {
    const method = bare("end");
    yield problem("end-missing", { flow, nearest: end ?? nearestName("end", others), isMethod: method !== undefined }, method ?? position);
  }
}

/** Steps that nothing leads to; of those that only such steps lead to, nothing more is said. */
function* findUnreachable(steps: ReadonlyMap<string, StepEdges>): Generator<Problem> {
  if (!steps.has("start")) return;
  const reachable = stepsFrom("start", steps);
  const unreachable = [...steps.values()].filter(({ step }) => !reachable.has(step.name));
  const ledTo = new Set(unreachable.flatMap(({ step, next }) => next.filter((target) => target !== step.name)));
  const explained = new Set<string>();
  // First those that nothing leads to, then circles, of which one step stands for all.
  for (const first of [...unreachable.filter(({ step }) => !ledTo.has(step.name)), ...unreachable]) {
    if (explained.has(first.step.name)) continue;
    yield problem("step-unreachable", { step: first.step.name }, first.step.position);
    for (const name of stepsFrom(first.step.name, steps)) explained.add(name);
  }
}

/** A step and all that can come after it. */
function stepsFrom(first: string, steps: ReadonlyMap<string, StepEdges>): ReadonlySet<string> {
  const found = new Set([first]);
  for (const name of found) {
    const { next = [], others = [] } = steps.get(name) ?? {};
    for (const target of [...next, ...others]) found.add(target);
  }
  return found;
}

function* findMisplacedCatch(steps: ReadonlyMap<string, StepEdges>): Generator<Problem> {
  for (const { step, kind } of steps.values()) {
    if ((kind !== "foreach" && kind !== "switch") || !step.decorators.some(({ name, from }) => name === "catchError" && from === "code")) continue;
    yield problem("catch-on-fan-out", { step: step.name, kind }, step.position);
  }
}

/** `--with catchError` is for the steps that can have it. */
function decoratorsOf({ step, kind }: StepEdges): readonly DecoratorUse[] {
  if (kind !== "foreach" && kind !== "switch") return step.decorators;
  return step.decorators.filter(({ name }) => name !== "catchError");
}

function byPosition(a: Problem, b: Problem): number {
  if (a.position === undefined || b.position === undefined) return (a.position === undefined ? 0 : 1) - (b.position === undefined ? 0 : 1);
  if (a.position.file !== b.position.file) return a.position.file < b.position.file ? -1 : 1;
  return a.position.line - b.position.line || a.position.column - b.position.column;
}
