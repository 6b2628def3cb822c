import type { ArtifactRef } from "../core/artifact-ref.js";
import type { GraphStep } from "../core/graph.js";
import type { RunRecord } from "../core/records.js";
import { ArtifactReader } from "../datastore/artifacts/artifact-reader.js";
import { ItemsReader } from "../datastore/artifacts/items-reader.js";
import { RunStore } from "../datastore/run-store.js";
import type { FlowSpec } from "../flow/flow-spec.js";
import { createFlow } from "../flow/flow-parameters.js";
import type { ObjectStore } from "../store/object-store.js";
import type { StoredArtifact } from "../datastore/handed-on.js";
import type { LoadedFlow } from "./loaded-flow.js";
import { TaskRecords } from "../datastore/task-records.js";

/** What a task process keeps of the run whose tasks it runs. */
export class RunContext {
  readonly flow: LoadedFlow;
  readonly run: RunStore;
  readonly records: TaskRecords;
  readonly artifacts: ArtifactReader;
  readonly items: ItemsReader;
  /** Parameters and field initialisers. */
  readonly runArtifacts: ReadonlyMap<string, StoredArtifact>;
  readonly #steps: ReadonlyMap<string, GraphStep>;
  readonly #constants = new Map<string, unknown>();

  constructor(flow: LoadedFlow, store: ObjectStore, record: RunRecord) {
    this.flow = flow;
    this.run = new RunStore(store, record);
    this.records = new TaskRecords(store, record);
    this.artifacts = new ArtifactReader(store);
    this.items = new ItemsReader(store);
    const own = Object.entries({ ...record.initial, ...record.parameters });
    this.runArtifacts = new Map(own.map(([name, ref]) => [name, { ref, source: undefined }]));
    this.#steps = new Map(record.graph.steps.map((step) => [step.name, step]));
  }

  step(name: string): GraphStep {
    const step = this.#steps.get(name);
    if (step === undefined) throw new Error(`the graph has no step ${name}`);
    return step;
  }

  /** For messages about a stored value: `Score/12/start/0/rows`. */
  nameOf(name: string, { source }: StoredArtifact): string {
    return source === undefined ? `${this.run.pathspec}, ${name}` : `${this.records.pathspec(source)}/${name}`;
  }

  /** A new instance of the flow; its parameters have the run's values. */
  newFlow(): FlowSpec {
    return createFlow(this.flow.flowClass, this.parameterValues());
  }

  /** The run's parameters. What a step could change in place is read anew each time. */
  parameterValues(): Record<string, unknown> {
    const values = Object.entries(this.run.record.parameters).map(([name, ref]) => [name, this.#parameter(name, ref)] as const);
    return Object.fromEntries(values);
  }

  #parameter(name: string, ref: ArtifactRef): unknown {
    if (this.#constants.has(name)) return this.#constants.get(name);
    const value = this.artifacts.read(ref, `${this.run.pathspec}, parameter ${name}`);
    if (typeof value !== "object" || value === null) this.#constants.set(name, value);
    return value;
  }
}
