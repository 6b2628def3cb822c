import { hostname } from "node:os";
import { expect } from "vitest";
import type { ArtifactRef } from "../../../src/core/artifact-ref.js";
import { isMillraceError } from "../../../src/core/errors/millrace-error.js";
import type { Graph } from "../../../src/core/graph.js";
import { LAYOUT_VERSION, type AttemptRecord } from "../../../src/core/records.js";
import type { TaskRef } from "../../../src/core/task-ref.js";
import { ArtifactReader } from "../../../src/datastore/artifacts/artifact-reader.js";
import { ArtifactWriter } from "../../../src/datastore/artifacts/artifact-writer.js";
import { ItemsReader } from "../../../src/datastore/artifacts/items-reader.js";
import { writeItems } from "../../../src/datastore/artifacts/items-writer.js";
import { cleanUp, type CleanUpReport } from "../../../src/datastore/cleanup/clean-up.js";
import type { RunCriteria } from "../../../src/datastore/cleanup/run-choice.js";
import { Datastore } from "../../../src/datastore/datastore.js";
import { RunStore } from "../../../src/datastore/run-store.js";
import { readRunTasks } from "../../../src/datastore/run-tasks.js";
import { TaskArtifacts } from "../../../src/datastore/task-artifacts.js";
import { loadOrigin } from "../../../src/scheduler/origin-loader.js";
import { sampleAttempt, sampleRun } from "../sample-records.js";
import { AgingStore } from "./aging-store.js";

export const HOUR = 60 * 60 * 1000;

const STEPS = ["start", "middle", "end"];
const FLOW = "Score";

const graph: Graph = {
  flow: FLOW,
  steps: STEPS.map((name, place) => ({
    name,
    kind: name === "end" ? "end" : "linear",
    next: STEPS.slice(place + 1, place + 2),
    takes: "nothing",
    splits: [],
    loops: false,
    decorators: [],
    lost: [],
  })),
};

/** A value that does not fit into a record. Few of them, so that runs share blobs. */
export const valueOf = (number: number): string => `value ${number} `.repeat(200);
/** A list whose elements are blobs of their own, and which is a blob itself. */
export const listOf = (number: number): readonly string[] => Array.from({ length: 12 }, (_, index) => `${valueOf(number)}, ${index}: `.repeat(12));
/** Items that are blobs of their own, in a pack that is a blob. */
const itemsOf = (number: number): readonly string[] =>
  Array.from({ length: 40 }, (_, index) => `item ${number}.${index} `.repeat(index < 2 ? 2000 : 10));

/** Runs of three steps that are written by hand, and clean-ups, in one datastore in memory. */
export class World {
  readonly store: AgingStore;
  readonly datastore: Datastore;
  /** What each task of each run that has ended should hold, by run. */
  readonly expected = new Map<string, ReadonlyMap<string, number>>();

  /** @param remote Storage behind a network: old blobs are made young without being sent again. */
  constructor({ remote = false } = {}) {
    this.store = new AgingStore({ remote });
    this.datastore = new Datastore(this.store);
  }

  /**
   * A run, or a resume, from its start to its end.
   * @param values What each of its steps stores. A resume takes over as many steps as `reuse` says, if they are there.
   * @returns The run's id; undefined when its origin went away as it began.
   */
  async run(values: readonly number[], origin?: { readonly run: string; readonly reuse: number }): Promise<string | undefined> {
    const before = origin === undefined ? undefined : await this.datastore.openRun(FLOW, origin.run);
    const parameter = await new ArtifactWriter(this.store).writeAsync(valueOf(values[0] ?? 0), "parameter");
    const run = await this.datastore.createRun(
      (id) =>
        sampleRun({
          run: id,
          startedAt: Date.now(),
          graph,
          host: hostname(),
          pid: process.pid,
          parameters: before?.record.parameters ?? { parameter },
          ...(origin !== undefined && { origin: { run: origin.run } }),
        }),
      FLOW,
    );
    const taken = new Map<string, TaskRef>();
    try {
      if (before !== undefined) await this.#takeOver(before, origin?.reuse ?? 0, run, taken);
    } catch (error) {
      if (!isMillraceError(error, "run-dropped")) throw error;
      await this.#end(run, "failed");
      return undefined;
    }
    const expected = new Map<string, number>();
    let previous: TaskRef | undefined;
    for (const [place, step] of STEPS.entries()) {
      const ref = taken.get(step);
      const number = ref === undefined ? (values[place] ?? 0) : this.#valueIn(ref, step);
      expected.set(step, number);
      if (ref === undefined) await this.#runTask(run, step, number, previous);
      previous = ref ?? `${step}/0`;
    }
    this.expected.set(run.id, expected);
    await this.#end(run, "done");
    return run.id;
  }

  #valueIn(ref: TaskRef, step: string): number {
    const value = this.expected.get(ref.slice(0, ref.indexOf(":")))?.get(step);
    if (value === undefined) throw new Error(`nothing is known of ${ref}`);
    return value;
  }

  async #takeOver(before: RunStore, reuse: number, run: RunStore, taken: Map<string, TaskRef>): Promise<void> {
    const found = await loadOrigin({
      datastore: this.datastore,
      run: before,
      graph,
      fromStep: undefined,
      onDamaged: (error) => expect.fail(error.message),
    });
    for (const step of STEPS.slice(0, reuse)) {
      const task = found.find(step, "0");
      if (task === undefined) break;
      taken.set(step, task.ref);
    }
    await run.writeReused({ format: LAYOUT_VERSION, tasks: [...taken.values()] });
  }

  async #runTask(run: RunStore, step: string, number: number, previous: TaskRef | undefined): Promise<void> {
    const writer = new ArtifactWriter(this.store);
    const artifacts: Record<string, ArtifactRef> = {
      [step]: await writer.writeAsync(valueOf(number), step),
      ...(step === "middle" && { list: await writer.writeAsync(listOf(number), "list") }),
    };
    const { items } = step === "start" ? await writeItems(this.store, writer, itemsOf(number)) : { items: undefined };
    const record: AttemptRecord = sampleAttempt({
      flow: FLOW,
      run: run.id,
      step,
      parents: previous === undefined ? [] : [previous],
      artifacts,
      inherited: previous === undefined ? {} : { [previous]: [previous.slice(previous.indexOf(":") + 1, previous.indexOf("/"))] },
      next: step === "end" ? { kind: "end" } : { kind: "next", targets: STEPS.slice(STEPS.indexOf(step) + 1).slice(0, 1) },
      ...(items !== undefined && { items }),
    });
    await run.writeAttempt(record, JSON.stringify(record));
  }

  async #end(run: RunStore, status: "done" | "failed"): Promise<void> {
    await run.writeResult({ format: LAYOUT_VERSION, status, finishedAt: Date.now(), counts: { done: 3, failed: 0, reused: 0 }, failed: [] });
  }

  gc(criteria: RunCriteria = {}, dryRun = false): Promise<CleanUpReport> {
    return cleanUp(this.datastore, { criteria, dryRun, now: Date.now });
  }

  /** Ids of the runs in sight. */
  async visible(): Promise<string[]> {
    const runs = await Promise.all((await this.datastore.runIds(FLOW)).map((id) => RunStore.open(this.store, FLOW, id)));
    return runs.flatMap((run) => (run === undefined ? [] : [run.id]));
  }

  /** Every run in sight has all that it ended with, and it can be read. */
  async requireReadable(): Promise<void> {
    const reader = new ArtifactReader(this.store);
    for (const id of await this.visible()) {
      const expected = this.expected.get(id);
      if (expected === undefined) continue;
      const run = await this.datastore.openRun(FLOW, id);
      for (const [name, ref] of Object.entries(run.record.parameters)) expect(await reader.load(ref, name)).toMatch(/^value/);
      const { tasks, damaged } = await readRunTasks(run, Date.now());
      expect(damaged).toEqual([]);
      expect(tasks.map(({ step }) => step)).toEqual(STEPS);
      for (const task of tasks) {
        const number = expected.get(task.step) ?? -1;
        for (const { name, ref } of new TaskArtifacts(run).of(task)) {
          if (name === "parameter") continue;
          const value = await reader.load(ref, `${task.pathspec}/${name}`);
          if (name === task.step) expect(value).toBe(valueOf(number));
          else if (name === "list" && task.step === "middle") expect(value).toEqual(listOf(number));
        }
        const { items } = task.record ?? {};
        if (task.step === "start") expect(items).toBeDefined();
        if (items === undefined) continue;
        const itemsReader = new ItemsReader(this.store);
        for (const [index, item] of itemsOf(number).entries()) expect((await itemsReader.item(items, index, task.pathspec)).value).toBe(item);
      }
    }
  }

  /** Keys of all blobs, sorted. */
  async blobs(): Promise<readonly string[]> {
    const keys: string[] = [];
    for await (const { key } of this.store.list("blobs/")) keys.push(key);
    return keys.toSorted();
  }

  /** Keys of what there is of a run. */
  async objectsOf(id: string): Promise<readonly string[]> {
    const keys: string[] = [];
    for await (const { key } of this.store.list(`flows/${FLOW}/${id}/`)) keys.push(key);
    return keys.toSorted();
  }
}
