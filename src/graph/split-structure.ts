import type { Problem } from "../core/graph.js";
import { problem } from "./problem.js";
import type { StepEdges } from "./step-edges.js";

/** An open split, as the tasks of one of its branches stand in it. */
interface Frame {
  /** The split that this one is inside of. */
  readonly outer: Frame | undefined;
  readonly split: StepEdges;
  /** Which target of a static split; 0 for a foreach. */
  readonly branch: number;
  readonly names: readonly string[];
}

/** What is known of a step that start leads to. */
interface Place {
  /** The frame a first task arrived in, and the step it came from. */
  readonly arrival: Frame | undefined;
  readonly from: string;
  /** For a join: the frames that arrived, and from where. */
  readonly joined: Map<Frame, string>;
}

export interface SplitStructure {
  /** For each step that start leads to. */
  readonly places: ReadonlyMap<string, StepPlace>;
  readonly problems: readonly Problem[];
  /** Edges followed, each once: the work is linear in the graph. */
  readonly edgesFollowed: number;
}

export interface StepPlace {
  readonly takes: "inputs" | "item" | "nothing";
  /** The split that the step joins. */
  readonly joins?: string;
  /** Open splits where the step runs, outermost first; a join runs outside of the split it closes. */
  readonly splits: readonly string[];
}

/** What the method's parameter is for, where its place and its name do not agree. */
type Reading = "join" | "plain";

/** Follows the flow from start, keeping which splits are open, and pairs each split with its join. */
export function findSplits(steps: ReadonlyMap<string, StepEdges>): SplitStructure {
  const readings = new Map<string, Reading>();
  const settled: Problem[] = [];
  let edgesFollowed = 0;
  for (;;) {
    const walk = new Walk(steps, readings);
    walk.run();
    edgesFollowed += walk.edgesFollowed;
    // A step whose parameter was forgotten, or is too many, is read as what it was meant to be, so that what follows
    // from it is not reported as well.
    if (walk.misread.size === 0) return { places: walk.places(), problems: [...settled, ...walk.problems], edgesFollowed };
    for (const [name, { reading, problem: found }] of walk.misread) {
      readings.set(name, reading);
      settled.push(found);
    }
  }
}

class Walk {
  readonly misread = new Map<string, { readonly reading: Reading; readonly problem: Problem }>();
  edgesFollowed = 0;
  readonly #steps: ReadonlyMap<string, StepEdges>;
  readonly #readings: ReadonlyMap<string, Reading>;
  readonly #takesItem: ReadonlySet<string>;
  readonly #places = new Map<string, Place>();
  readonly #joinOf = new Map<string, string>();
  /** By kind and step, so that each is reported once. */
  readonly #found = new Map<string, Problem>();
  readonly #queue: { readonly to: string; readonly from: string; readonly frame: Frame | undefined }[] = [];

  constructor(steps: ReadonlyMap<string, StepEdges>, readings: ReadonlyMap<string, Reading>) {
    this.#steps = steps;
    this.#readings = readings;
    this.#takesItem = new Set([...steps.values()].filter(({ kind }) => kind === "foreach").flatMap(({ next }) => next));
  }

  run(): void {
    if (this.#steps.has("start")) this.#queue.push({ to: "start", from: "start", frame: undefined });
    for (const edge of this.#queue) {
      this.edgesFollowed++;
      const edges = this.#steps.get(edge.to);
      if (edges !== undefined) this.#arrive(edges, edge.from, edge.frame);
    }
    this.#checkJoins();
    this.#checkEntries();
  }

  get problems(): readonly Problem[] {
    return [...this.#found.values()];
  }

  places(): ReadonlyMap<string, StepPlace> {
    return new Map(
      [...this.#places].map(([name, place]) => {
        const isJoin = this.#isJoin(name);
        const inside = isJoin ? place.arrival?.outer : place.arrival;
        const takesItem = this.#takesItem.has(name) && this.#arity(name) > 0;
        return [
          name,
          {
            takes: isJoin ? "inputs" : takesItem ? "item" : "nothing",
            ...(isJoin && place.arrival && { joins: place.arrival.split.step.name }),
            splits: inside?.names ?? [],
          },
        ];
      }),
    );
  }

  #arity(name: string): number {
    return this.#steps.get(name)?.step.arity ?? 0;
  }

  /** A join is a step with a parameter that no foreach reaches. */
  #isJoin(name: string): boolean {
    const reading = this.#readings.get(name);
    return reading === undefined ? this.#arity(name) > 0 && !this.#takesItem.has(name) : reading === "join";
  }

  #arrive(edges: StepEdges, from: string, frame: Frame | undefined): void {
    const { name } = edges.step;
    const place = this.#places.get(name);
    if (this.#isJoin(name)) this.#arriveAtJoin(edges, place, from, frame);
    else if (place === undefined) {
      this.#places.set(name, { arrival: frame, from, joined: new Map() });
      this.#leave(edges, frame);
    } else if (place.arrival !== frame) this.#arriveElsewhere(edges, place, from, frame);
  }

  #arriveAtJoin(edges: StepEdges, place: Place | undefined, from: string, frame: Frame | undefined): void {
    const { name } = edges.step;
    if (frame === undefined) {
      if (place === undefined) {
        this.#places.set(name, { arrival: frame, from, joined: new Map() });
        this.#leave(edges, frame);
      }
      this.#reportNothingToJoin(edges, place, from);
      return;
    }
    if (place === undefined) {
      this.#places.set(name, { arrival: frame, from, joined: new Map([[frame, from]]) });
      this.#leave(edges, frame.outer);
    } else if (place.arrival?.split === frame.split) place.joined.set(frame, from);
    else if (place.arrival === undefined) this.#reportNothingToJoin(edges, place, place.from);
    else {
      this.#report(name, "unrelated", () =>
        problem(
          "unrelated-splits",
          { step: name, first: place.arrival?.split.step.name ?? "", firstFrom: place.from, second: frame.split.step.name, secondFrom: from },
          edges.step.position,
        ),
      );
    }
  }

  #reportNothingToJoin(edges: StepEdges, place: Place | undefined, from: string): void {
    const { name, parameterName = "a parameter", position } = edges.step;
    if (place?.arrival !== undefined) {
      const { arrival } = place;
      this.#report(name, "depth", () => depthProblem(edges, place.from, arrival, from, undefined));
    } else if (namesInputs(edges)) {
      this.#report(name, "nothing", () => problem("join-without-split", { step: name, parameter: parameterName }, position));
    } else this.#misread(edges, "plain", problem("item-without-foreach", { step: name, parameter: parameterName }, position));
  }

  #arriveElsewhere(edges: StepEdges, place: Place, from: string, frame: Frame | undefined): void {
    const { name, position } = edges.step;
    if (frame !== undefined && place.arrival !== undefined && frame.split === place.arrival.split && !this.#takesItem.has(name)) {
      const parameters = { step: name, split: frame.split.step.name, from: [place.from, from] };
      return this.#misread(edges, "join", problem("join-parameter-missing", parameters, position));
    }
    if (edges.kind === "end") return this.#reportOpen(frame);
    const [foreachFrom, ...otherForeachs] = [place.from, from].filter((step) => this.#steps.get(step)?.kind === "foreach");
    if (this.#takesItem.has(name) && foreachFrom !== undefined && otherForeachs.length === 0) {
      const plainFrom = foreachFrom === from ? place.from : from;
      this.#report(name, "both", () => problem("reached-both-ways", { step: name, foreachFrom, plainFrom }, position));
    } else this.#report(name, "depth", () => depthProblem(edges, place.from, place.arrival, from, frame));
  }

  /** Goes on from a step, once, with the splits that are open after it. */
  #leave(edges: StepEdges, frame: Frame | undefined): void {
    const { name } = edges.step;
    if (edges.kind === "end") this.#reportOpen(frame);
    for (const [branch, to] of edges.next.entries()) {
      const opens = edges.kind === "split" || edges.kind === "foreach";
      const inside = opens ? { outer: frame, split: edges, branch, names: [...(frame?.names ?? []), name] } : frame;
      this.#queue.push({ to, from: name, frame: inside });
    }
  }

  #reportOpen(frame: Frame | undefined): void {
    if (frame === undefined) return;
    const { step, kind } = frame.split;
    this.#report(step.name, "open", () =>
      problem("split-without-join", { split: step.name, kind: kind === "foreach" ? "foreach" : "split" }, step.position),
    );
  }

  #checkJoins(): void {
    for (const [name, { arrival, joined }] of this.#places) {
      const edges = this.#steps.get(name);
      if (arrival === undefined || edges === undefined || !this.#isJoin(name)) continue;
      const { split } = arrival;
      const branches = new Set([...joined.keys()].map(({ branch }) => branch));
      if (this.#found.has(`unrelated ${name}`)) continue;
      const missing = split.kind === "split" ? split.next.filter((_, branch) => !branches.has(branch)) : [];
      if (missing.length > 0) this.#reportIncomplete(edges, split, missing, branches.size);
      const other = this.#joinOf.get(split.step.name);
      this.#joinOf.set(split.step.name, name);
      if (other !== undefined && missing.length === 0) {
        this.#report(split.step.name, "twice", () =>
          problem("split-joined-twice", { split: split.step.name, first: other, second: name }, edges.step.position),
        );
      }
    }
  }

  #reportIncomplete(edges: StepEdges, split: StepEdges, missing: readonly string[], arrived: number): void {
    const { name, parameterName = "a parameter", position } = edges.step;
    if (arrived === 1 && !namesInputs(edges)) {
      return this.#misread(edges, "plain", problem("item-without-foreach", { step: name, parameter: parameterName }, position));
    }
    // Where a branch breaks off, that is the mistake; and a missing branch that comes to the end has no join for the same reason.
    if (missing.some((branch) => this.#breaksOff(branch))) return;
    this.#found.delete(`open ${split.step.name}`);
    this.#report(name, "incomplete", () => problem("join-incomplete", { step: name, split: split.step.name, missing }, position));
  }

  /** Splits and fan-outs that go straight into a join. */
  #checkEntries(): void {
    for (const { step, kind, next, positions } of this.#steps.values()) {
      for (const target of next) {
        const edges = this.#steps.get(target);
        if (edges === undefined) continue;
        if (kind === "split" && this.#isJoin(target)) {
          this.#report(step.name, `into ${target}`, () => problem("split-into-join", { step: step.name, join: target }, positions.get(target)));
        } else if (kind === "foreach" && namesInputs(edges)) {
          this.#misread(edges, "join", problem("foreach-into-join", { step: step.name, join: target }, positions.get(target)));
        }
      }
    }
  }

  #misread(edges: StepEdges, reading: Reading, found: Problem): void {
    const { name } = edges.step;
    if (!this.#readings.has(name) && !this.misread.has(name)) this.misread.set(name, { reading, problem: found });
  }

  /** Does a step whose transitions are wrong come after this one? */
  #breaksOff(from: string): boolean {
    const after = new Set([from]);
    for (const name of after) {
      const edges = this.#steps.get(name);
      if (edges === undefined || !edges.sound) return true;
      for (const target of edges.next) after.add(target);
    }
    return false;
  }

  /** One problem of a kind a step. */
  #report(name: string, kind: string, make: () => Problem): void {
    const key = `${kind} ${name}`;
    if (!this.#found.has(key)) this.#found.set(key, make());
  }
}

/** The parameter's name says that it is a join's. */
function namesInputs({ step }: StepEdges): boolean {
  return /^(?:inputs|branches)$/i.test(step.parameterName ?? "");
}

function depthProblem(edges: StepEdges, first: string, firstFrame: Frame | undefined, second: string, secondFrame: Frame | undefined): Problem {
  return problem(
    "reached-at-two-depths",
    { step: edges.step.name, first, firstSplits: firstFrame?.names ?? [], second, secondSplits: secondFrame?.names ?? [] },
    edges.step.position,
  );
}
