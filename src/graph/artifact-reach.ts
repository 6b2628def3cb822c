import { findDecorator, isString, option, type StepDefinition } from "../core/definition.js";
import type { GraphStep, Problem } from "../core/graph.js";
import { problem } from "./problem.js";
import type { SplitStructure } from "./split-structure.js";
import type { StepEdges } from "./step-edges.js";

export type LostArtifact = GraphStep["lost"][number];

export interface ArtifactReach {
  /** For each step, what cannot reach it. */
  readonly lost: ReadonlyMap<string, readonly LostArtifact[]>;
  readonly problems: readonly Problem[];
}

/**
 * Pairs of a step and an artifact up to which every step gets the whole list of what cannot reach it. A flow beyond
 * that gets, for each step, what its source names: the whole lists would grow with the square of the flow.
 */
const MOST_PAIRS = 20_000;

/**
 * Finds what each step cannot see: artifacts that other steps set and no path carries to it.
 * @param always Names that reach every step: parameters and fields with an initialiser.
 */
export function findArtifactReach(steps: ReadonlyMap<string, StepEdges>, structure: SplitStructure, always: ReadonlySet<string>): ArtifactReach {
  const reachable = [...structure.places.keys()].flatMap((name) => steps.get(name) ?? []);
  const setters = settersOf(reachable, always);
  const readers = readersOf(reachable, setters);
  const whole = setters.size * reachable.length <= MOST_PAIRS;
  const lost = new Map<string, LostArtifact[]>();
  const problems: Problem[] = [];
  const opaque = reachable.filter(({ step }) => step.opaque).map(({ step }) => step.name);
  for (const [name, setBy] of setters) {
    const reading = readers.get(name) ?? [];
    if (!whole && reading.length === 0) continue;
    const trace = new Trace(steps, structure, name, setBy);
    // A step whose source does not show all it does may have set it too.
    const possible = opaque.length === 0 ? trace : new Trace(steps, structure, name, [...setBy, ...opaque]);
    for (const { step } of whole ? reachable : reading) {
      const entry = trace.lostAt(step.name);
      if (entry === undefined) continue;
      const entries = lost.get(step.name) ?? [];
      entries.push(entry);
      lost.set(step.name, entries);
      const read = step.reads.find((candidate) => candidate.name === name);
      if (read !== undefined && !setBy.includes(step.name) && possible.lostAt(step.name) !== undefined) {
        problems.push(problem("artifact-unreachable", { step: step.name, ...entry }, read.position ?? step.position));
      }
    }
  }
  return { lost, problems };
}

/** Names that a step sets, `@catchError`'s own among them. */
function setsOf(step: StepDefinition): readonly string[] {
  const caught = option(findDecorator(step, "catchError"), "var", isString);
  return caught === undefined ? step.sets : [...step.sets, caught];
}

function settersOf(steps: readonly StepEdges[], always: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const setters = new Map<string, string[]>();
  for (const { step } of steps) {
    for (const name of setsOf(step)) {
      if (always.has(name)) continue;
      const known = setters.get(name);
      if (known === undefined) setters.set(name, [step.name]);
      else known.push(step.name);
    }
  }
  return setters;
}

function readersOf(steps: readonly StepEdges[], setters: ReadonlyMap<string, unknown>): ReadonlyMap<string, readonly StepEdges[]> {
  const readers = new Map<string, StepEdges[]>();
  for (const edges of steps) {
    for (const { name } of edges.step.reads) {
      if (!setters.has(name)) continue;
      const known = readers.get(name);
      if (known === undefined) readers.set(name, [edges]);
      else known.push(edges);
    }
  }
  return readers;
}

/** Where one artifact goes from the steps that set it; followed only as far as is asked. */
class Trace {
  readonly #name: string;
  readonly #setBy: readonly string[];
  readonly #steps: ReadonlyMap<string, StepEdges>;
  readonly #structure: SplitStructure;
  /** Steps that have it when they are done, each with the step that set it, in the order they were found. */
  readonly #having: Map<string, string>;
  readonly #unfollowed: Iterator<[string, string]>;
  /** Steps that have it when they start. */
  readonly #arrives = new Set<string>();
  /** Joins that drop it and the steps after them: the join, and the step that had set it. */
  readonly #dropped = new Map<string, { readonly lostAt: string; readonly setBy: string }>();

  constructor(steps: ReadonlyMap<string, StepEdges>, structure: SplitStructure, name: string, setBy: readonly string[]) {
    this.#name = name;
    this.#setBy = setBy;
    this.#steps = steps;
    this.#structure = structure;
    this.#having = new Map(setBy.map((step) => [step, step]));
    this.#unfollowed = this.#having.entries();
  }

  /** Why a step cannot see the artifact; undefined when it can. */
  lostAt(step: string): LostArtifact | undefined {
    if (this.#arrivesAt(step)) return undefined;
    const drop = this.#droppedBefore(step);
    if (drop !== undefined) return { name: this.#name, ...drop, ...(this.#setBy.includes(step) && { setHere: true }) };
    // What the step sets itself is undefined before, as any field is.
    const [setBy] = this.#setBy;
    return setBy === undefined || this.#setBy.includes(step) ? undefined : { name: this.#name, setBy };
  }

  #arrivesAt(step: string): boolean {
    while (!this.#arrives.has(step)) {
      const { value, done } = this.#unfollowed.next();
      if (done) return false;
      this.#follow(...value);
    }
    return true;
  }

  #follow(from: string, setBy: string): void {
    for (const to of this.#steps.get(from)?.next ?? []) {
      const target = this.#steps.get(to);
      if (target === undefined) continue;
      if (this.#structure.places.get(to)?.takes === "inputs" && !carries(target.step, this.#name)) {
        if (!this.#dropped.has(to)) this.#dropped.set(to, { lostAt: to, setBy });
      } else {
        this.#arrives.add(to);
        if (!this.#having.has(to)) this.#having.set(to, setBy);
      }
    }
  }

  #droppedBefore(step: string): { readonly lostAt: string; readonly setBy: string } | undefined {
    for (const [from, drop] of this.#dropped) {
      if (this.#dropped.has(step)) break;
      for (const to of this.#steps.get(from)?.next ?? []) if (!this.#dropped.has(to)) this.#dropped.set(to, drop);
    }
    return this.#dropped.get(step);
  }
}

/** Does a join hand on what its branches set, as far as its source shows? */
function carries(join: StepDefinition, name: string): boolean {
  if (join.opaque) return true;
  return join.merges.some(({ include, exclude }) => (include === undefined ? !exclude?.includes(name) : include.includes(name)));
}
