import type { Failure } from "../../src/core/failure.js";
import type { Graph } from "../../src/core/graph.js";
import { LAYOUT_VERSION, type RunOptions, type RunRecord, type RunResult } from "../../src/core/records.js";
import type { Reporter, RunEvent } from "../../src/core/run-event.js";
import type { TaskRef } from "../../src/core/task-ref.js";
import type { Transition } from "../../src/core/transition.js";
import { Datastore } from "../../src/datastore/datastore.js";
import type { RunStore } from "../../src/datastore/run-store.js";
import { loadOrigin } from "../../src/scheduler/origin-loader.js";
import { schedule } from "../../src/scheduler/scheduler.js";
import { MemoryStore } from "../../src/store/memory-store.js";
import type { ObjectStore } from "../../src/store/object-store.js";
import { FakeClock } from "./fake-clock.js";
import { FakeCompute } from "./fake-compute.js";

/** Keeps a run's events. */
export class EventLog implements Reporter {
  readonly events: RunEvent[] = [];

  report(event: RunEvent): void {
    this.events.push(event);
  }

  async close(): Promise<void> {}

  of<T extends RunEvent["type"]>(type: T): Extract<RunEvent, { readonly type: T }>[] {
    return this.events.filter((event): event is Extract<RunEvent, { readonly type: T }> => event.type === type);
  }
}

export interface StartOptions {
  readonly graph: Graph;
  readonly store?: ObjectStore;
  readonly clock?: FakeClock;
  readonly options?: Partial<RunOptions>;
  /** The run to go on from, and the step to run again. */
  readonly origin?: { readonly run: string; readonly step?: string };
  readonly random?: () => number;
  /** Instead of the run's own `stop`. */
  readonly stop?: AbortSignal;
}

/** A run under a test's control: its tasks end when the test says so. */
export class ScheduledRun {
  readonly run: RunStore;
  readonly compute: FakeCompute;
  readonly clock: FakeClock;
  readonly log = new EventLog();
  readonly stop = new AbortController();
  readonly kill = new AbortController();
  /** Records that could not be read when the run was resumed. */
  readonly damaged: Error[] = [];
  result: RunResult | undefined;

  private constructor(run: RunStore, clock: FakeClock) {
    this.run = run;
    this.clock = clock;
    this.compute = new FakeCompute(run, () => clock.now());
  }

  static async start({
    graph,
    store = new MemoryStore(),
    clock = new FakeClock(),
    options,
    origin,
    random = () => 1,
    stop,
  }: StartOptions): Promise<ScheduledRun> {
    const datastore = new Datastore(store);
    const all: RunOptions = { maxWorkers: 4, maxNumSplits: 1_000_000, keepGoing: false, with: [], maxLogBytes: 1000, ...options };
    const run = await datastore.createRun((id) => runRecord({ id, graph, options: all, origin, startedAt: clock.now() }), graph.flow);
    const scheduled = new ScheduledRun(run, clock);
    const found =
      origin === undefined
        ? undefined
        : await loadOrigin({
            datastore,
            run: await datastore.openRun(graph.flow, origin.run),
            graph,
            fromStep: origin.step,
            onDamaged: (error) => scheduled.damaged.push(error),
          });
    void schedule({
      run,
      graph,
      options: all,
      compute: scheduled.compute,
      reporter: scheduled.log,
      origin: found,
      clock,
      random,
      stop: stop ?? scheduled.stop.signal,
      kill: scheduled.kill.signal,
      resumeCommand: "millrace resume",
    }).then((result) => (scheduled.result = result));
    await settled();
    return scheduled;
  }

  /** Names of the tasks at work, in the order they came. */
  get atWork(): readonly TaskRef[] {
    return this.compute.atWork;
  }

  /** The task at work ends well and goes on to these steps. */
  async done(ref: TaskRef, ...targets: readonly string[]): Promise<void> {
    await this.end(ref, targets.length === 0 ? { kind: "end" } : { kind: "next", targets });
  }

  async fanOut(ref: TaskRef, target: string, count: number, concurrency?: number): Promise<void> {
    await this.end(ref, { kind: "foreach", target, count, ...(concurrency !== undefined && { concurrency }) });
  }

  async end(ref: TaskRef, transition: Transition): Promise<void> {
    this.compute.done(this.compute.attemptOf(ref), transition);
    await settled();
  }

  async fail(ref: TaskRef, failure?: Failure, noRetry?: boolean): Promise<void> {
    this.compute.failed(this.compute.attemptOf(ref), failure, noRetry);
    await settled();
  }

  /** The task's process ends in the middle of it. */
  async die(ref: TaskRef, failure: Failure): Promise<void> {
    this.compute.died(this.compute.attemptOf(ref), failure);
    await settled();
  }

  async stopped(ref: TaskRef): Promise<void> {
    this.compute.stopped(this.compute.attemptOf(ref));
    await settled();
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await settled();
  }

  /** The run's result; the run must have come to its end. */
  async ended(): Promise<RunResult> {
    await settled();
    if (this.result === undefined) throw new Error(`the run goes on; at work: ${this.atWork.join(", ")}`);
    return this.result;
  }
}

/** Everything that can happen without time passing has happened: the memory store answers in microtasks. */
export function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function runRecord(parts: {
  readonly id: string;
  readonly graph: Graph;
  readonly options: RunOptions;
  readonly origin: StartOptions["origin"];
  readonly startedAt: number;
}): RunRecord {
  const { id, graph, options, origin, startedAt } = parts;
  return {
    format: LAYOUT_VERSION,
    flow: graph.flow,
    run: id,
    startedAt,
    user: "somebody",
    host: "here",
    pid: 1,
    millrace: "0",
    node: "20",
    code: { hash: "", package: { codec: "json", value: null }, file: "flow.ts", exportName: "default" },
    graph,
    parameterDefinitions: [],
    parameters: {},
    initial: {},
    options,
    tags: [],
    ...(origin !== undefined && { origin }),
  };
}
