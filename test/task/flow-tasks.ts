import { systemClock } from "../../src/core/clock.js";
import type { AttemptRecord } from "../../src/core/records.js";
import { formatTaskRef, type TaskRef } from "../../src/core/task-ref.js";
import type { TaskOutcome, TaskSpec } from "../../src/core/task-spec.js";
import { ArtifactReader } from "../../src/datastore/artifacts/artifact-reader.js";
import { ArtifactWriter } from "../../src/datastore/artifacts/artifact-writer.js";
import { RunStore } from "../../src/datastore/run-store.js";
import { setCurrentTask } from "../../src/flow/current.js";
import type { FlowClass } from "../../src/flow/flow-class.js";
import { flowMetadata } from "../../src/flow/flow-metadata.js";
import { buildGraph } from "../../src/graph/build-graph.js";
import { describeFlow } from "../../src/graph/describe-flow.js";
import { MemoryStore } from "../../src/store/memory-store.js";
import type { ObjectStore } from "../../src/store/object-store.js";
import { Attempt } from "../../src/task/attempt.js";
import { OutputRecorder } from "../../src/task/output-recorder.js";
import { ProcessGuard } from "../../src/task/process-guard.js";
import { RunContext } from "../../src/task/run-context.js";
import { unplaced } from "../../src/testing/unplaced.js";
import { sampleRun } from "../datastore/sample-records.js";

/** Runs single tasks of a flow's class in this process, on records in memory. */
export class FlowTasks {
  readonly store: ObjectStore;
  readonly run: RunStore;
  readonly #context: RunContext;

  /** @param initial The run's own artifacts: parameters and initial values. */
  constructor(Flow: FlowClass, initial: Readonly<Record<string, unknown>> = {}, store: ObjectStore = new MemoryStore()) {
    this.store = store;
    const writer = new ArtifactWriter(this.store);
    const definition = describeFlow(Flow, () => undefined);
    const { graph, problems } = buildGraph(definition);
    if (graph === undefined) throw new Error(problems.map(({ message }) => message).join("\n"));
    const record = sampleRun({
      flow: definition.name,
      graph,
      initial: Object.fromEntries(Object.entries(initial).map(([name, value]) => [name, writer.write(value, name)])),
    });
    this.run = new RunStore(this.store, record);
    const flow = { flowClass: Flow, metadata: flowMetadata(Flow), locator: unplaced, exportName: "default" };
    this.#context = new RunContext(flow, this.store, record);
  }

  async attempt(step: string, rest: Partial<TaskSpec> = {}): Promise<TaskOutcome> {
    const spec: TaskSpec = {
      flow: this.run.flow,
      run: this.run.id,
      step,
      task: "0",
      attempt: 0,
      foreach: [],
      parents: [],
      mode: "run",
      retriesLeft: 0,
      maxNumSplits: 100,
      maxLogBytes: 10_000,
      ...rest,
    };
    const place = { output: new OutputRecorder(), guard: new ProcessGuard(), clock: systemClock, setCurrent: setCurrentTask };
    const { outcome } = await new Attempt(this.#context, spec, place).run();
    return outcome;
  }

  /** Runs a task that must end well. Returns its name for those after it. */
  async done(step: string, rest: Partial<TaskSpec> = {}): Promise<TaskRef> {
    const outcome = await this.attempt(step, rest);
    if (outcome.status === "failed") throw new Error(`${step} failed: ${outcome.failure.message}`);
    return formatTaskRef(step, rest.task ?? "0");
  }

  record(step: string, task = "0"): AttemptRecord {
    const record = this.run.doneSync(step, task);
    if (record === undefined) throw new Error(`${step}/${task} is not done`);
    return record;
  }

  /** What a record's task set. */
  values({ artifacts }: AttemptRecord): Record<string, unknown> {
    const reader = new ArtifactReader(this.store);
    return Object.fromEntries(Object.entries(artifacts).map(([name, ref]) => [name, reader.read(ref, name)]));
  }
}
