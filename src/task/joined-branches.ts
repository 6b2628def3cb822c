import { sameValue } from "../codec/same-value.js";
import { isInline, type ArtifactRef } from "../core/artifact-ref.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import { unpackTaskRefs, type TaskRef } from "../core/task-ref.js";
import type { TaskSpec } from "../core/task-spec.js";
import { prefetchArtifact } from "../datastore/artifacts/artifact-reader.js";
import { INLINE_LIMIT } from "../datastore/artifacts/artifact-writer.js";
import { ValueCache } from "../datastore/artifacts/value-cache.js";
import type { FlowInstance } from "./flow-instance.js";
import type { StoredArtifact } from "../datastore/handed-on.js";
import { joinInputs, type JoinInputs } from "./join-inputs.js";
import { mergeArtifacts } from "./merge.js";
import type { OpenItems } from "./open-items.js";
import type { RunContext } from "./run-context.js";

/** Stored bytes of a join's inputs that stay in memory; decoded they take a few times that, and the heap a few times more. */
const INPUT_CACHE_BYTES = 8 * 1024 * 1024;

export interface MergeArguments {
  readonly inputs: unknown;
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
}

/** The finished branches that a join takes together. */
export class JoinedBranches {
  readonly #context: RunContext;
  readonly #spec: TaskSpec;
  readonly #joined: JoinInputs;

  constructor(context: RunContext, spec: TaskSpec, items: OpenItems) {
    this.#context = context;
    this.#spec = spec;
    const { records, runArtifacts, artifacts, run, flow } = context;
    const values = new ValueCache(INPUT_CACHE_BYTES);
    records.expect(unpackTaskRefs(spec.parents), spec.indexed === true);
    this.#joined = joinInputs(spec, {
      records,
      runArtifacts,
      graph: run.record.graph,
      prototype: flow.flowClass.prototype,
      load: (pathspec, name, stored, following) => {
        if (run.store.prefetch !== undefined) for (const next of following) prefetchArtifact(run.store, next.ref);
        const key = `${stored.source ?? ""}/${name}`;
        return values.getOrMake(key, storedBytes(stored.ref), () => artifacts.read(stored.ref, `${pathspec}/${name}`));
      },
      itemOf: (split, index) => items.read(split, index),
    });
  }

  /** What the step is given. */
  get inputs(): readonly object[] {
    return this.#joined.value;
  }

  /**
   * `mergeArtifacts`: puts what the branches agree on behind the instance's fields.
   * @throws MillraceError `merge-outside-join` for what are no inputs of this join, and those of `mergeArtifacts`
   */
  merge(instance: FlowInstance, { inputs, include = [], exclude = [] }: MergeArguments): void {
    const { records, runArtifacts, artifacts } = this.#context;
    const read = (stored: StoredArtifact, name: string): unknown => artifacts.read(stored.ref, this.#context.nameOf(name, stored));
    const merged = mergeArtifacts({
      step: this.#spec.step,
      inputs: this.#refsOf(inputs),
      include,
      exclude,
      records,
      runArtifacts,
      isSet: (name) => instance.hasSet(name),
      sameValue: (a, b, name) => sameValue(read(a, name), read(b, name)),
    });
    for (const [name, stored] of merged) instance.attach(name, stored);
  }

  /** The branches behind some inputs: all of them, most often. */
  #refsOf(inputs: unknown): readonly TaskRef[] {
    const { value, refs } = this.#joined;
    if (inputs === value) return refs;
    if (!Array.isArray(inputs)) throw new MillraceError("merge-outside-join", { step: this.#spec.step });
    const refOf = new Map<unknown, TaskRef | undefined>(value.map((input, index) => [input, refs[index]]));
    return inputs.map((input) => {
      const ref = refOf.get(input);
      if (ref === undefined) throw new MillraceError("merge-outside-join", { step: this.#spec.step });
      return ref;
    });
  }
}

function storedBytes(ref: ArtifactRef): number {
  return isInline(ref) ? INLINE_LIMIT : ref.size;
}
