import { MillraceError } from "../core/errors/millrace-error.js";
import type { Graph } from "../core/graph.js";
import { parseTaskRef, unpackTaskRefs, type TaskRef } from "../core/task-ref.js";
import type { TaskSpec } from "../core/task-spec.js";
import type { StoredArtifact } from "../datastore/handed-on.js";
import type { TaskRecords } from "../datastore/task-records.js";

/** What a join's inputs are made of. */
export interface InputSource {
  readonly records: TaskRecords;
  readonly graph: Graph;
  /** The flow class's prototype: methods and getters work on inputs too. */
  readonly prototype: object;
  /** The run's own artifacts: parameters and field initialisers. */
  readonly runArtifacts: ReadonlyMap<string, StoredArtifact>;
  /**
   * Reads a branch's artifact; keeps what was read last.
   * @param following What will be asked for next, if the step goes on as it does.
   */
  load(pathspec: string, name: string, stored: StoredArtifact, following: Iterable<StoredArtifact>): unknown;
  itemOf(split: TaskRef, index: number): unknown;
}

/** A join's inputs as the step gets them, with the branches' refs beside. */
export interface JoinInputs {
  readonly refs: readonly TaskRef[];
  readonly value: readonly object[];
}

export function joinInputs(spec: TaskSpec, source: InputSource): JoinInputs {
  const refs = [...unpackTaskRefs(spec.parents)];
  const walk = new Walk(refs, source);
  const views = refs.map((ref, index) => inputView({ ref, index, walk }, source));
  for (const [index, ref] of refs.entries()) {
    const view = views[index];
    const names = spec.join?.kind === "split" ? [spec.join.branches?.[index], parseTaskRef(ref).step] : [];
    for (const name of names) {
      // A branch named like a method of arrays (join, map) is found by its place only.
      if (name !== undefined && !(name in views)) Object.defineProperty(views, name, { value: view, enumerable: false });
    }
  }
  return { refs, value: Object.freeze(views) };
}

/** Inputs looked at ahead of a step that walks them. */
const AHEAD = 16;

/** How a step goes over the inputs, as far as that shows: one after another, asking each for the same. */
class Walk {
  readonly #refs: readonly TaskRef[];
  readonly #source: InputSource;
  /** The input that was asked last, by the name it was asked for. */
  readonly #last = new Map<string, number>();

  constructor(refs: readonly TaskRef[], source: InputSource) {
    this.#refs = refs;
    this.#source = source;
  }

  /** The artifacts of that name of the next inputs, when the step seems to come to them. */
  *following(name: string, index: number): Generator<StoredArtifact> {
    const before = this.#last.get(name) ?? -1;
    this.#last.set(name, index);
    if (index !== before + 1) return;
    for (const ref of this.#refs.slice(index + 1, index + 1 + AHEAD)) {
      const stored = this.#source.records.handedOn(ref).artifacts.get(name);
      if (stored !== undefined) yield stored;
    }
  }
}

/** Which of the inputs. */
interface InputPlace {
  readonly ref: TaskRef;
  readonly index: number;
  readonly walk: Walk;
}

/** A finished branch, to read only. Its artifacts load when they are touched. */
function inputView(place: InputPlace, source: InputSource): object {
  return new Proxy(Object.create(source.prototype), new InputHandler(place, source));
}

class InputHandler implements ProxyHandler<object> {
  readonly #ref: TaskRef;
  readonly #place: InputPlace;
  readonly #source: InputSource;

  constructor(place: InputPlace, source: InputSource) {
    this.#ref = place.ref;
    this.#place = place;
    this.#source = source;
  }

  get(target: object, name: string | symbol, receiver: unknown): unknown {
    if (typeof name === "symbol") return Reflect.get(target, name, receiver);
    const stored = this.#find(name);
    if (stored !== undefined) {
      const { walk, index } = this.#place;
      return this.#source.load(this.#source.records.pathspec(this.#ref), name, stored, walk.following(name, index));
    }
    switch (name) {
      case "index":
        return this.#source.records.get(this.#ref).foreach?.at(-1)?.index;
      case "input":
        return this.#input();
      case "foreachStack":
        return () => this.#foreachStack();
      default:
        if (!(name in target)) this.#requireReachable(name);
        return Reflect.get(target, name, receiver);
    }
  }

  #find(name: string): StoredArtifact | undefined {
    return this.#source.records.handedOn(this.#ref).artifacts.get(name) ?? this.#source.runArtifacts.get(name);
  }

  #input(): unknown {
    const frame = this.#source.records.get(this.#ref).foreach?.at(-1);
    return frame === undefined ? undefined : this.#source.itemOf(this.#absolute(frame.split), frame.index);
  }

  #foreachStack(): object[] {
    return (this.#source.records.get(this.#ref).foreach ?? []).map(({ split, index, count }) => ({
      step: parseTaskRef(split).step,
      index,
      count,
      item: this.#source.itemOf(this.#absolute(split), index),
    }));
  }

  /** A record of an earlier run names its own run's tasks without the run. */
  #absolute(ref: TaskRef): TaskRef {
    const { run } = parseTaskRef(this.#ref);
    return run === undefined || ref.includes(":") ? ref : `${run}:${ref}`;
  }

  #requireReachable(name: string): void {
    const { step } = parseTaskRef(this.#ref);
    const lost = this.#source.graph.steps.find((node) => node.name === step)?.lost.find((artifact) => artifact.name === name);
    // A branch that could have set it itself and did not has it undefined.
    if (lost !== undefined && lost.setHere !== true) throw new MillraceError("artifact-lost", { name, step, setBy: lost.setBy, lostAt: lost.lostAt });
  }

  has(target: object, name: string | symbol): boolean {
    return (typeof name === "string" && this.#find(name) !== undefined) || Reflect.has(target, name);
  }

  ownKeys(): string[] {
    return [...new Set([...this.#source.runArtifacts.keys(), ...this.#source.records.handedOn(this.#ref).artifacts.keys()])];
  }

  getOwnPropertyDescriptor(target: object, name: string | symbol): PropertyDescriptor | undefined {
    if (typeof name === "symbol" || this.#find(name) === undefined) return undefined;
    // Listing the names of an input reads none of its values.
    return { get: () => this.get(target, name, target), enumerable: true, configurable: true };
  }

  set(_target: object, name: string | symbol): boolean {
    throw new MillraceError("input-read-only", { name: String(name) });
  }

  deleteProperty(_target: object, name: string | symbol): boolean {
    throw new MillraceError("input-read-only", { name: String(name) });
  }

  defineProperty(_target: object, name: string | symbol): boolean {
    throw new MillraceError("input-read-only", { name: String(name) });
  }
}
