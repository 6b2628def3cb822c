import { describe, expect, test } from "vitest";
import { Datastore } from "../../src/datastore/datastore.js";
import { doneKey, indexKey, resultKey, reusedKey, runKey } from "../../src/datastore/layout.js";
import { loadOrigin } from "../../src/scheduler/origin-loader.js";
import { MemoryStore } from "../../src/store/memory-store.js";
import { choice, foreach, graphOf, loop, split, step, steps, type Sequence } from "./flow-model.js";
import { ScheduledRun, type StartOptions } from "./scheduled-run.js";

/** What a resumed run did: the tasks it started, in order, with their parents. */
function started(run: ScheduledRun): string[] {
  return run.compute.submitted.map(({ ref, spec }) => `${ref} ← ${spec.parents.join(" ")}`);
}

const resume = (store: MemoryStore, flow: Sequence, rest: Omit<StartOptions, "graph" | "store">): Promise<ScheduledRun> =>
  ScheduledRun.start({ graph: graphOf(flow), store, ...rest });

const line = steps("start", "a", "b", "end");

/** A run of `line` that broke in b. */
async function brokenLine(store: MemoryStore): Promise<ScheduledRun> {
  const run = await ScheduledRun.start({ graph: graphOf(line), store });
  await run.done("start/0", "a");
  await run.done("a/0", "b");
  await run.fail("b/0");
  await run.ended();
  return run;
}

const fan = [foreach("start", steps("body"), "end")];

/** A run of `fan` over five items, of which 1 and 3 failed. */
async function brokenFan(store: MemoryStore): Promise<ScheduledRun> {
  const run = await ScheduledRun.start({ graph: graphOf(fan), store, options: { maxWorkers: 1, keepGoing: true } });
  await run.fanOut("start/0", "body", 5);
  for (const index of [0, 1, 2, 3, 4]) {
    if (index % 2 === 0) await run.done(`body/${index}`, "end");
    else await run.fail(`body/${index}`);
  }
  await run.ended();
  return run;
}

test("what is done is not done again; what comes after says which run did it", async () => {
  const store = new MemoryStore();
  await brokenLine(store);
  const run = await resume(store, line, { origin: { run: "1" } });
  expect(started(run)).toEqual(["b/0 ← 1:a/0"]);
  await run.done("b/0", "end");
  expect(started(run).at(-1)).toBe("end/0 ← b/0");
  await run.done("end/0");
  expect(await run.ended()).toMatchObject({ status: "done", counts: { done: 2, failed: 0, reused: 2 } });
  expect((await run.run.reused())?.tasks).toEqual(["1:start/0", "1:a/0"]);
  expect(run.log.of("tasks-reused")).toMatchObject([
    { step: "start", count: 1, origin: "Flow/1" },
    { step: "a", count: 1, origin: "Flow/1" },
  ]);
});

test("of a fan-out only the items that did not finish run, and the join gets all in order", async () => {
  const store = new MemoryStore();
  await brokenFan(store);
  const run = await resume(store, fan, { origin: { run: "1" } });
  expect(started(run)).toEqual(["body/1 ← 1:start/0", "body/3 ← 1:start/0"]);
  expect(run.compute.submitted.map(({ spec }) => spec.foreach)).toEqual([
    [{ split: "1:start/0", index: 1, count: 5 }],
    [{ split: "1:start/0", index: 3, count: 5 }],
  ]);
  expect((await run.run.reused())?.tasks).toEqual(["1:start/0", "1:body/0", "1:body/2", "1:body/4"]);
  expect(run.log.of("tasks-planned")).toMatchObject([{ step: "body", count: 2 }]);
  await run.done("body/3", "end");
  await run.done("body/1", "end");
  expect(started(run).at(-1)).toBe("end/0 ← 1:body/0 body/1 1:body/2 body/3 1:body/4");
});

test("a run that finished runs nothing", async () => {
  const store = new MemoryStore();
  const first = await ScheduledRun.start({ graph: graphOf(line), store });
  for (const [ref, next] of [
    ["start/0", "a"],
    ["a/0", "b"],
    ["b/0", "end"],
  ] as const)
    await first.done(ref, next);
  await first.done("end/0");
  const run = await resume(store, line, { origin: { run: "1" } });
  expect(started(run)).toEqual([]);
  expect(await run.ended()).toMatchObject({ status: "done", counts: { done: 0, reused: 4 } });
});

test("a join runs again when one of its branches did", async () => {
  const store = new MemoryStore();
  const flow = [split("start", [steps("left"), steps("right")], "join"), step("end")];
  const first = await ScheduledRun.start({ graph: graphOf(flow), store });
  await first.done("start/0", "left", "right");
  await first.done("left/0", "join");
  await first.done("right/0", "join");
  await first.done("join/0", "end");
  await first.fail("end/0");
  const run = await resume(store, flow, { origin: { run: "1", step: "right" } });
  await run.done("right/0", "join");
  expect(started(run)).toEqual(["right/0 ← 1:start/0", "join/0 ← 1:left/0 right/0"]);
});

test("an empty fan-out that is reused still has its join", async () => {
  const store = new MemoryStore();
  const flow = [foreach("start", steps("body"), "join"), step("end")];
  const first = await ScheduledRun.start({ graph: graphOf(flow), store });
  await first.fanOut("start/0", "body", 0);
  await first.done("join/0", "end");
  await first.fail("end/0");
  const run = await resume(store, flow, { origin: { run: "1" } });
  expect(started(run)).toEqual(["end/0 ← 1:join/0"]);
});

test("the bound of a reused fan-out still holds", async () => {
  const store = new MemoryStore();
  const first = await ScheduledRun.start({ graph: graphOf(fan), store });
  await first.fanOut("start/0", "body", 5, 2);
  await first.fail("body/0");
  await first.fail("body/1");
  const run = await resume(store, fan, { origin: { run: "1" } });
  expect(run.atWork).toEqual(["body/0", "body/1"]);
});

describe("code that has changed", () => {
  test("a renamed step runs, and all after it; the one before goes on elsewhere, so it runs too", async () => {
    const store = new MemoryStore();
    await brokenLine(store);
    const run = await resume(store, steps("start", "renamed", "b", "end"), { origin: { run: "1" } });
    expect(started(run)).toEqual(["start/0 ← "]);
  });

  test("a step put in between runs, and the one before it", async () => {
    const store = new MemoryStore();
    await brokenLine(store);
    const run = await resume(store, steps("start", "a", "between", "b", "end"), { origin: { run: "1" } });
    expect(started(run)).toEqual(["a/0 ← 1:start/0"]);
  });

  test("a linear step that became a fan-out runs again", async () => {
    const store = new MemoryStore();
    await brokenLine(store);
    const run = await resume(store, [step("start"), foreach("a", steps("b"), "end")], { origin: { run: "1" } });
    expect(started(run)).toEqual(["a/0 ← 1:start/0"]);
  });

  test("a split that gained a branch runs again, its old branches too", async () => {
    const store = new MemoryStore();
    const first = await ScheduledRun.start({ graph: graphOf([split("start", [steps("a"), steps("b")], "end")]), store });
    await first.done("start/0", "a", "b");
    await first.done("a/0", "end");
    await first.fail("b/0");
    const run = await resume(store, [split("start", [steps("a"), steps("b"), steps("c")], "end")], { origin: { run: "1" } });
    await run.done("start/0", "a", "b", "c");
    expect(started(run)).toEqual(["start/0 ← ", "a/0 ← start/0", "b/0 ← start/0", "c/0 ← start/0"]);
  });

  test("a switch whose taken arm is gone runs again", async () => {
    const store = new MemoryStore();
    const first = await ScheduledRun.start({ graph: graphOf([step("start"), choice("which", steps("x"), steps("y")), step("end")]), store });
    await first.done("start/0", "which");
    await first.done("which/0", "x");
    await first.fail("x/0");
    const run = await resume(store, [step("start"), choice("which", steps("z"), steps("y")), step("end")], { origin: { run: "1" } });
    expect(started(run)).toEqual(["which/0 ← 1:start/0"]);
  });
});

describe("resume STEP", () => {
  const flow = [step("start"), split("a", [steps("left", "more"), steps("right")], "join"), step("end")];

  async function finished(store: MemoryStore): Promise<void> {
    const run = await ScheduledRun.start({ graph: graphOf(flow), store });
    await run.done("start/0", "a");
    await run.done("a/0", "left", "right");
    await run.done("left/0", "more");
    await run.done("more/0", "join");
    await run.done("right/0", "join");
    await run.done("join/0", "end");
    await run.done("end/0");
    await run.ended();
  }

  test.each<[string, string[]]>([
    ["start", ["start/0 ← "]],
    ["left", ["left/0 ← 1:a/0"]],
    ["right", ["right/0 ← 1:a/0"]],
    ["join", ["join/0 ← 1:more/0 1:right/0"]],
    ["end", ["end/0 ← 1:join/0"]],
  ])("from %s", async (from, first) => {
    const store = new MemoryStore();
    await finished(store);
    const run = await resume(store, flow, { origin: { run: "1", step: from } });
    expect(started(run)).toEqual(first);
  });

  test("runs every item of the step again", async () => {
    const store = new MemoryStore();
    await brokenFan(store);
    const run = await resume(store, fan, { origin: { run: "1", step: "body" }, options: { maxWorkers: 10 } });
    expect(run.atWork).toEqual([0, 1, 2, 3, 4].map((index) => `body/${index}`));
  });
});

test("loops go on in the round they broke in", async () => {
  const store = new MemoryStore();
  const flow = [step("start"), loop("check", step("work")), step("end")];
  const first = await ScheduledRun.start({ graph: graphOf(flow), store });
  await first.done("start/0", "work");
  await first.done("work/0", "check");
  await first.done("check/0", "work");
  await first.done("work/~1", "check");
  await first.fail("check/~1");
  const run = await resume(store, flow, { origin: { run: "1" } });
  expect(started(run)).toEqual(["check/~1 ← 1:work/~1"]);
  await run.done("check/~1", "work");
  expect(started(run).at(-1)).toBe("work/~2 ← check/~1");
});

test("a loop of ten thousand finished rounds is taken over", async () => {
  const store = new MemoryStore();
  const flow = [step("start"), loop("refine"), step("end")];
  const first = await ScheduledRun.start({ graph: graphOf(flow), store });
  await first.done("start/0", "refine");
  for (let round = 0; round < 10_000; round++) {
    const [attempt] = first.compute.attempts;
    if (attempt === undefined) throw new Error("the loop has stopped");
    first.compute.done(attempt, { kind: "next", targets: ["refine"] });
  }
  await first.fail("refine/~10000");
  const run = await resume(store, flow, { origin: { run: "1" } });
  expect(run.atWork).toEqual(["refine/~10000"]);
});

describe("runs that go on from one another", () => {
  test("a task is named by the run that did it, however long ago", async () => {
    const store = new MemoryStore();
    await brokenLine(store);
    const second = await resume(store, line, { origin: { run: "1" } });
    await second.done("b/0", "end");
    await second.fail("end/0");
    const third = await resume(store, line, { origin: { run: "2" } });
    expect(started(third)).toEqual(["end/0 ← 2:b/0"]);
    expect((await third.run.reused())?.tasks).toEqual(["1:start/0", "1:a/0", "2:b/0"]);
    await third.fail("end/0");
    const fourth = await resume(store, line, { origin: { run: "3" } });
    expect(started(fourth)).toEqual(["end/0 ← 2:b/0"]);
  });

  test("what a later run did again counts, not what an earlier one did", async () => {
    const store = new MemoryStore();
    const first = await ScheduledRun.start({ graph: graphOf(line), store });
    await first.done("start/0", "a");
    await first.done("a/0", "b");
    await first.done("b/0", "end");
    await first.fail("end/0");
    const second = await resume(store, line, { origin: { run: "1", step: "a" } });
    await second.done("a/0", "b");
    await second.fail("b/0");
    // b of the first run rests on the first run's a: it does not count any more.
    const third = await resume(store, line, { origin: { run: "2" } });
    expect(started(third)).toEqual(["b/0 ← 2:a/0"]);
  });

  test("a run that was killed before it noted what it reuses stands for the run it went on from", async () => {
    const store = new MemoryStore();
    await brokenFan(store);
    const second = await resume(store, fan, { origin: { run: "1" }, stop: AbortSignal.abort() });
    await second.ended();
    await store.delete(reusedKey("Flow", "2"));
    await store.delete(resultKey("Flow", "2"));
    const third = await resume(store, fan, { origin: { run: "2" } });
    expect(started(third)).toEqual(["body/1 ← 1:start/0", "body/3 ← 1:start/0"]);
    const fourth = await resume(store, fan, { origin: { run: "3", step: "body" }, stop: AbortSignal.abort() });
    await fourth.ended();
    await store.delete(reusedKey("Flow", "4"));
    const fifth = await resume(store, fan, { origin: { run: "4" }, options: { maxWorkers: 10 } });
    expect(fifth.atWork).toEqual([0, 1, 2, 3, 4].map((index) => `body/${index}`));
  });
});

/** Flips a bit in the middle of an object. */
async function damage(store: MemoryStore, key: string): Promise<void> {
  const bytes = await store.get(key);
  if (bytes === undefined) throw new Error(`there is no ${key}`);
  const copy = Uint8Array.from(bytes);
  const middle = copy.length >> 1;
  copy[middle] = (copy[middle] ?? 0) ^ 1;
  await store.put(key, [copy]);
}

describe("damage", () => {
  test("a damaged record's task runs again, and says so", async () => {
    const store = new MemoryStore();
    await brokenFan(store);
    await store.delete(indexKey("Flow", "1", 0));
    await damage(store, doneKey("Flow", "1", "body", "2"));
    const run = await resume(store, fan, { origin: { run: "1" } });
    expect(run.atWork).toEqual(["body/1", "body/2", "body/3"]);
    expect(run.damaged.map((error) => error.message)).toEqual([expect.stringContaining("Flow/1/body/2")]);
  });

  test("a join that had finished runs again with the damaged task, and all after it", async () => {
    const store = new MemoryStore();
    const flow = [foreach("start", steps("body"), "join"), step("end")];
    const first = await ScheduledRun.start({ graph: graphOf(flow), store });
    await first.fanOut("start/0", "body", 2);
    await first.done("body/0", "join");
    await first.done("body/1", "join");
    await first.done("join/0", "end");
    await first.done("end/0");
    await store.delete(indexKey("Flow", "1", 0));
    await damage(store, doneKey("Flow", "1", "body", "1"));
    const run = await resume(store, flow, { origin: { run: "1" } });
    await run.done("body/1", "join");
    await run.done("join/0", "end");
    expect(started(run)).toEqual(["body/1 ← 1:start/0", "join/0 ← 1:body/0 body/1", "end/0 ← join/0"]);
  });

  test("a damaged index loses nothing: the records stand alone", async () => {
    const store = new MemoryStore();
    await brokenFan(store);
    await damage(store, indexKey("Flow", "1", 0));
    const run = await resume(store, fan, { origin: { run: "1" } });
    expect(run.atWork).toEqual(["body/1", "body/3"]);
  });

  test("a damaged note of what is reused: the run before it is gone on from, and what rests on nothing known runs again", async () => {
    const store = new MemoryStore();
    await brokenFan(store);
    const second = await resume(store, fan, { origin: { run: "1" } });
    await second.done("body/1", "end");
    await second.fail("body/3");
    await damage(store, reusedKey("Flow", "2"));
    const third = await resume(store, fan, { origin: { run: "2" } });
    expect(third.damaged.length).toBe(1);
    expect(third.atWork).toEqual(["body/1", "body/3"]);
  });

  test("tasks of a run that was deleted run again, and it is told", async () => {
    const store = new MemoryStore();
    await brokenLine(store);
    const second = await resume(store, line, { origin: { run: "1" } });
    await second.done("b/0", "end");
    await second.fail("end/0");
    for await (const { key } of store.list("flows/Flow/1/")) await store.delete(key);
    const third = await resume(store, line, { origin: { run: "2" } });
    expect(started(third)).toEqual(["start/0 ← "]);
    expect(third.damaged.map((error) => error.message)).toEqual([expect.stringContaining("no run 1")]);
  });

  test("a damaged run record is an error that names the run", async () => {
    const store = new MemoryStore();
    await brokenLine(store);
    await damage(store, runKey("Flow", "1"));
    await expect(resume(store, line, { origin: { run: "1" } })).rejects.toMatchObject({
      code: "record-damaged",
      message: expect.stringContaining("Flow/1"),
    });
  });
});

test("records are found with and without the index", async () => {
  const store = new MemoryStore();
  await brokenFan(store);
  const datastore = new Datastore(store);
  const load = async () =>
    loadOrigin({
      datastore,
      run: await datastore.openRun("Flow", "1"),
      graph: graphOf(fan),
      fromStep: undefined,
      onDamaged: (error) => expect.fail(error.message),
    });
  const indexed = await load();
  await store.delete(indexKey("Flow", "1", 0));
  const alone = await load();
  for (const origin of [indexed, alone]) {
    expect(origin.find("body", "4")).toEqual({ ref: "1:body/4", transition: { kind: "next", targets: ["end"] } });
    expect(origin.find("body", "3")).toBeUndefined();
  }
});
