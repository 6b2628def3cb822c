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
  /** Reads a branch's artifact; keeps what was read last. */
  load(pathspec: string, name: string, stored: StoredArtifact): unknown;
  itemOf(split: TaskRef, index: number): unknown;
}

/** A join's inputs as the step gets them, with the branches' refs beside. */
export interface JoinInputs {
  readonly refs: readonly TaskRef[];
  readonly value: readonly object[];
}

export function joinInputs(spec: TaskSpec, source: InputSource): JoinInputs {
  const refs = [...unpackTaskRefs(spec.parents)];
  const views = refs.map((ref) => inputView(ref, source));
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

/** A finished branch, to read only. Its artifacts load when they are touched. */
function inputView(ref: TaskRef, source: InputSource): object {
  return new Proxy(Object.create(source.prototype), new InputHandler(ref, source));
}

class InputHandler implements ProxyHandler<object> {
  readonly #ref: TaskRef;
  readonly #source: InputSource;

  constructor(ref: TaskRef, source: InputSource) {
    this.#ref = ref;
    this.#source = source;
  }

  get(target: object, name: string | symbol, receiver: unknown): unknown {
    if (typeof name === "symbol") return Reflect.get(target, name, receiver);
    const stored = this.#find(name);
    if (stored !== undefined) return this.#source.load(this.#source.records.pathspec(this.#ref), name, stored);
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
