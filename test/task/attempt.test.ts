import { describe, expect, test } from "vitest";
import { catchError, current, FlowSpec, retry, step, type Inputs } from "../../src/index.js";
import { FlowTasks } from "./flow-tasks.js";

class Line extends FlowSpec {
  seed: unknown;
  rows!: number[];
  label!: string;

  @step start() {
    this.rows = [1, 2];
    this.label = `${current.stepName} ${current.taskId} ${current.retryCount}`;
    this.next(this.change);
  }

  @step change() {
    this.rows.push(3);
    this.next(this.end);
  }

  @step end() {}
}

describe("a task", () => {
  test("leaves one record: what it set, where it goes on, what it came from", async () => {
    const tasks = new FlowTasks(Line, { seed: 7 });
    expect(await tasks.attempt("start")).toMatchObject({ status: "done", transition: { kind: "next", targets: ["change"] } });
    const record = tasks.record("start");
    expect(tasks.values(record)).toEqual({ rows: [1, 2], label: "start 0 0" });
    expect(record).toMatchObject({
      status: "done",
      step: "start",
      task: "0",
      attempt: 0,
      parents: [],
      inherited: {},
      next: { kind: "next", targets: ["change"] },
    });
    expect(record).not.toHaveProperty("foreach");
    expect(record).not.toHaveProperty("log");
  });

  test("starts from its parent, and hands on what it left alone", async () => {
    const tasks = new FlowTasks(Line);
    const start = await tasks.done("start");
    await tasks.done("change", { parents: [start] });
    const record = tasks.record("change");
    expect(tasks.values(record)).toEqual({ rows: [1, 2, 3] });
    expect(record.inherited).toEqual({ "start/0": ["label"] });
    await tasks.done("end", { parents: ["change/0"] });
    expect(tasks.record("end")).toMatchObject({ next: { kind: "end" }, artifacts: {}, inherited: { "change/0": ["rows"], "start/0": ["label"] } });
  });

  test("tells the record that it wrote", async () => {
    const tasks = new FlowTasks(Line);
    const { record } = await tasks.attempt("start");
    expect(JSON.parse(record ?? "")).toEqual(tasks.record("start"));
  });

  test("whose parent is not there fails, naming it", async () => {
    const tasks = new FlowTasks(Line);
    const outcome = await tasks.attempt("change", { parents: ["start/0"] });
    expect(outcome).toMatchObject({ status: "failed", failure: { code: "task-unknown", message: expect.stringContaining("Line/1/start/0") } });
  });

  test("outside of one, nothing is current", async () => {
    await new FlowTasks(Line).attempt("start");
    expect(() => current.stepName).toThrow(expect.objectContaining({ code: "no-current-task" }));
  });
});

class Fan extends FlowSpec {
  got!: unknown;
  all!: unknown;

  @step start() {
    this.next(this.body, { foreach: ["a", { b: 2 }], label: (item) => JSON.stringify(item) });
  }

  @step body(item: string | { b: number }) {
    this.got = [item, this.input, this.index, this.foreachStack().map(({ step: name, index, count }) => [name, index, count])];
    this.next(this.join);
  }

  @step join(inputs: Inputs<this>) {
    this.all = inputs.map((input) => input.got);
    this.next(this.end);
  }

  @step end() {}
}

describe("a fan-out", () => {
  const place = (index: number) => ({ task: String(index), parents: ["start/0"], foreach: [{ split: "start/0", index, count: 2 }] });

  test("gives each task its item and its label, and the join all of them in order", async () => {
    const tasks = new FlowTasks(Fan);
    expect(await tasks.attempt("start")).toMatchObject({ transition: { kind: "foreach", target: "body", count: 2 } });
    await tasks.done("body", place(1));
    await tasks.done("body", place(0));
    expect(tasks.record("body", "1")).toMatchObject({ label: '{"b":2}', foreach: [{ split: "start/0", index: 1, count: 2 }] });
    await tasks.done("join", { parents: ["body/0-1"], join: { kind: "foreach" } });
    expect(tasks.values(tasks.record("join"))["all"]).toEqual([
      ["a", "a", 0, [["start", 0, 2]]],
      [{ b: 2 }, { b: 2 }, 1, [["start", 1, 2]]],
    ]);
  });

  test("wider than the run allows fails", async () => {
    expect(await new FlowTasks(Fan).attempt("start", { maxNumSplits: 1 })).toMatchObject({ status: "failed", failure: { code: "foreach-too-wide" } });
  });

  test("a label is told with a failure, too", async () => {
    class Broken extends Fan {
      @step override body(_item: string | { b: number }) {
        if (this.index === 1) throw new Error("broken");
        this.next(this.join);
      }
    }
    const tasks = new FlowTasks(Broken);
    await tasks.done("start");
    expect(await tasks.attempt("body", place(1))).toMatchObject({ status: "failed", label: '{"b":2}' });
  });
});

class Branches extends FlowSpec {
  side!: string;
  same!: number;
  merged!: unknown;
  given: unknown;

  @step start() {
    this.next(this.left, this.right);
  }

  @step left() {
    this.side = "left";
    this.same = 1;
    this.next(this.join);
  }

  @step right() {
    this.side = "right";
    this.same = 1;
    this.next(this.join);
  }

  @step join(inputs: Inputs<this>) {
    const given = process.env["MERGE"] === "foreign" ? [{ side: "left" }] : process.env["MERGE"] === "one" ? [inputs.right] : inputs;
    this.mergeArtifacts(given as typeof inputs, { exclude: process.env["MERGE"] === "one" ? [] : ["side"] });
    this.merged = [this.same, this.side];
    this.next(this.end);
  }

  @step end() {}
}

describe("a join", () => {
  async function joined(merge: string) {
    process.env["MERGE"] = merge;
    try {
      const tasks = new FlowTasks(Branches);
      await tasks.done("start");
      for (const branch of ["left", "right"]) await tasks.done(branch, { parents: ["start/0"] });
      const outcome = await tasks.attempt("join", { parents: ["left/0", "right/0"], join: { kind: "split", branches: ["left", "right"] } });
      return { tasks, outcome };
    } finally {
      delete process.env["MERGE"];
    }
  }

  test("merges all of its inputs, or some, and what is merged is handed on from who set it", async () => {
    const all = await joined("all");
    expect(all.tasks.values(all.tasks.record("join"))).toEqual({ merged: [1, undefined] });
    expect(all.tasks.record("join").inherited).toEqual({ "left/0": ["same"] });
    const one = await joined("one");
    expect(one.tasks.values(one.tasks.record("join"))).toEqual({ merged: [1, "right"] });
    expect(one.tasks.record("join").inherited).toEqual({ "right/0": ["side", "same"] });
  });

  test("does not merge what are no inputs of its", async () => {
    const { outcome } = await joined("foreign");
    expect(outcome).toMatchObject({ status: "failed", failure: { code: "merge-outside-join" } });
  });

  test("starts with the run's own, and not with what its branches set", async () => {
    const tasks = new FlowTasks(Branches, { given: "by the run" });
    await tasks.done("start");
    for (const branch of ["left", "right"]) await tasks.done(branch, { parents: ["start/0"] });
    await tasks.done("join", { parents: ["left/0", "right/0"], join: { kind: "split", branches: ["left", "right"] } });
    expect(tasks.record("join").inherited).not.toHaveProperty("run");
    expect(tasks.values(tasks.record("join"))).not.toHaveProperty("given");
  });
});

class Fails extends FlowSpec {
  half!: number;
  problem: Error | undefined;
  handler: unknown;

  @step @retry({ if: (error) => error instanceof RangeError }) @catchError({ var: "problem", print: false }) start() {
    this.half = 1;
    if (process.env["FAIL"] === "range") throw new RangeError("worth it");
    if (process.env["FAIL"] === "other") throw new Error("not worth it");
    if (process.env["FAIL"] === "store") this.handler = () => {};
    this.next(this.end);
  }

  @step end() {}
}

describe("an attempt that fails", () => {
  async function failing(how: string | undefined, rest: Parameters<FlowTasks["attempt"]>[1] = {}) {
    if (how !== undefined) process.env["FAIL"] = how;
    try {
      const tasks = new FlowTasks(Fails);
      return { tasks, outcome: await tasks.attempt("start", rest) };
    } finally {
      delete process.env["FAIL"];
    }
  }

  test("leaves a record of its own with what it had set; the task is not done", async () => {
    const { tasks, outcome } = await failing("other", { attempt: 2 });
    expect(outcome).toMatchObject({ status: "failed", failure: { code: "exception", name: "Error", message: "not worth it" } });
    const record = await tasks.run.failed("start", "0", 2);
    if (record === undefined) throw new Error("no record");
    expect(record).toMatchObject({ status: "failed", attempt: 2, failure: { message: "not worth it" } });
    expect(tasks.values(record)).toEqual({ half: 1 });
    expect(outcome.record).toBe(JSON.stringify(record));
    expect(tasks.run.doneSync("start", "0")).toBeUndefined();
  });

  test("asks the step whether another is worth it, while there is another", async () => {
    expect((await failing("range", { retriesLeft: 1 })).outcome).toMatchObject({ noRetry: false });
    expect((await failing("other", { retriesLeft: 1 })).outcome).toMatchObject({ noRetry: true });
    expect((await failing("other", { retriesLeft: 0 })).outcome).toMatchObject({ noRetry: false });
  });

  test("for a value that cannot be stored says which", async () => {
    expect((await failing("store")).outcome).toMatchObject({
      failure: { code: "value-not-storable", message: expect.stringContaining("this.handler") },
    });
  });

  test("and is caught is a task that is done, having set nothing but the variable", async () => {
    const failure = { code: "exception", name: "RangeError", message: "worth it", frames: [] };
    const { tasks, outcome } = await failing(undefined, { mode: "catch", failure, attempt: 3 });
    expect(outcome).toMatchObject({ status: "done", transition: { kind: "next", targets: ["end"] }, caught: failure });
    const record = tasks.record("start");
    expect(record).toMatchObject({ attempt: 3, caught: failure });
    const { problem, ...others } = tasks.values(record);
    expect(problem).toMatchObject({ name: "RangeError", message: "worth it" });
    expect(others).toEqual({});
  });

  test("not: then the variable is undefined", async () => {
    const { tasks } = await failing(undefined);
    expect(tasks.values(tasks.record("start"))).toEqual({ half: 1 });
    await tasks.done("end", { parents: ["start/0"] });
    expect(tasks.record("end").inherited).toEqual({ "start/0": ["half"] });
  });
});
