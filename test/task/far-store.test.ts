import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { AttemptIndexWriter } from "../../src/datastore/attempt-index.js";
import { FlowSpec, step, type Inputs } from "../../src/index.js";
import { FarStore } from "./far-store.js";
import { FlowTasks } from "./flow-tasks.js";

const SIZE = 20_000;

class Far extends FlowSpec {
  one!: Uint8Array;
  two!: Uint8Array;
  three!: Uint8Array;
  sum!: number;

  @step start() {
    this.one = randomBytes(SIZE);
    this.two = randomBytes(SIZE);
    this.three = randomBytes(SIZE);
    this.next(this.look);
  }

  @step look() {
    const name = "three";
    this.sum = this.one.length + this.two.length + this[name].length;
    this.next(this.fan);
  }

  @step fan() {
    this.next(this.body, { foreach: Array.from({ length: 20 }, (_, index) => index) });
  }

  @step body(_item: number) {
    this.one = randomBytes(SIZE);
    this.next(this.join);
  }

  @step join(inputs: Inputs<this>) {
    this.sum = inputs.reduce((sum, input) => sum + input.one.length, 0);
    this.mergeArtifacts(inputs, { include: ["two"] });
    this.next(this.end);
  }

  @step end() {}
}

const blobs = (keys: readonly string[]): number => keys.filter((key) => key.startsWith("blobs/")).length;
const records = (keys: readonly string[]): number => keys.filter((key) => key.includes("/tasks/")).length;

describe("where reading takes its time", () => {
  let store: FarStore;
  let tasks: FlowTasks;

  beforeEach(() => {
    store = new FarStore();
    tasks = new FlowTasks(Far, {}, store);
  });

  test("the blobs of an attempt are written together", async () => {
    await tasks.done("start");
    expect(store.mostBegun).toBe(3);
  });

  test("what the step's source names is read ahead; another name is waited for", async () => {
    const start = await tasks.done("start");
    store.forget();
    await tasks.done("look", { parents: [start] });
    // The process has run the task before: it knows its record.
    expect(records(store.waitedFor)).toBe(0);
    expect(blobs(store.foreseen)).toBe(2);
    expect(blobs(store.waitedFor)).toBe(1);
    expect(tasks.values(tasks.record("look"))).toEqual({ sum: 3 * SIZE });
  });

  test("a record that the scheduler has told is not read", async () => {
    await tasks.done("start");
    const parentRecord = JSON.stringify(tasks.record("start"));
    const elsewhere = new FlowTasks(Far, {}, store);
    store.forget();
    await elsewhere.done("look", { parents: ["start/0"], parentRecord });
    expect(records([...store.waitedFor, ...store.foreseen])).toBe(0);
  });

  /** The branches, as other processes have run them. */
  async function runBranches(): Promise<void> {
    await tasks.done("start");
    await tasks.done("fan", { parents: ["start/0"] });
    for (let index = 0; index < 20; index++) {
      await tasks.done("body", { task: String(index), parents: ["fan/0"], foreach: [{ split: "fan/0", index, count: 20 }] });
    }
    tasks = new FlowTasks(Far, {}, store);
    store.forget();
  }

  const join = { parents: ["body/0-19"], join: { kind: "foreach" } } as const;

  test("a join reads ahead of the loop over its inputs", async () => {
    await runBranches();
    await tasks.done("join", join);
    expect(tasks.values(tasks.record("join"))).toMatchObject({ sum: 20 * SIZE });
    expect(store.waitedFor.filter((key) => key.includes("/tasks/body/"))).toEqual([]);
    expect(records(store.foreseen)).toBe(20);
    expect(blobs(store.waitedFor)).toBeLessThanOrEqual(1);
    expect(blobs(store.foreseen)).toBeGreaterThanOrEqual(19);
  });

  test("a join that is told to takes the records from the index", async () => {
    await runBranches();
    const index = new AttemptIndexWriter(store, tasks.run.flow, tasks.run.id, 0);
    for (let n = 0; n < 20; n++) await index.add(JSON.stringify(tasks.record("body", String(n))), 0);
    await index.flush();
    store.forget();
    await tasks.done("join", { ...join, indexed: true });
    expect(tasks.values(tasks.record("join"))).toMatchObject({ sum: 20 * SIZE });
    expect(records([...store.waitedFor, ...store.foreseen])).toBe(1);
  });
});
