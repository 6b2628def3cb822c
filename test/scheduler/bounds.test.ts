import { expect, test } from "vitest";
import type { DecoratorUse } from "../../src/core/definition.js";
import { choice, foreach, graphOf, loop, split, step, steps } from "./flow-model.js";
import { ScheduledRun } from "./scheduled-run.js";

const cpu = (count: number): DecoratorUse => ({ name: "resources", options: { cpu: count }, from: "code" });
const wide = graphOf([foreach("start", steps("body"), "end")]);
const deep = graphOf([foreach("start", [foreach("inner", steps("body"), "innerJoin")], "end")]);

test("no more tasks are at work than there are workers", async () => {
  const run = await ScheduledRun.start({ graph: wide, options: { maxWorkers: 2 } });
  await run.fanOut("start/0", "body", 5);
  expect(run.atWork).toEqual(["body/0", "body/1"]);
  await run.done("body/1", "end");
  expect(run.atWork).toEqual(["body/0", "body/2"]);
});

test("a fan-out's own bound holds", async () => {
  const run = await ScheduledRun.start({ graph: wide, options: { maxWorkers: 4 } });
  await run.fanOut("start/0", "body", 5, 2);
  expect(run.atWork).toEqual(["body/0", "body/1"]);
  await run.done("body/0", "end");
  expect(run.atWork).toEqual(["body/1", "body/2"]);
});

test("a bound counts every step inside, not the first alone", async () => {
  const run = await ScheduledRun.start({ graph: graphOf([foreach("start", steps("body", "more"), "end")]) });
  await run.fanOut("start/0", "body", 3, 1);
  await run.done("body/0", "more");
  expect(run.atWork).toEqual(["more/0"]);
  await run.done("more/0", "end");
  expect(run.atWork).toEqual(["body/1"]);
});

test("bounds of nested fan-outs hold together", async () => {
  const run = await ScheduledRun.start({ graph: deep, options: { maxWorkers: 100 } });
  await run.fanOut("start/0", "inner", 3, 3);
  await run.fanOut("inner/0", "body", 4, 2);
  await run.fanOut("inner/1", "body", 4, 2);
  // Three inside start's, of which two inside inner/0's.
  expect(run.atWork.toSorted()).toEqual(["body/0.0", "body/0.1", "inner/2"].toSorted());
  await run.fanOut("inner/2", "body", 1);
  expect(run.atWork.length).toBe(3);
  await run.done("body/0.0", "innerJoin");
  expect(run.atWork.length).toBe(3);
  expect(run.atWork.filter((ref) => ref.startsWith("body/0.")).length).toBeLessThanOrEqual(2);
});

test("an inner bound without an outer one lets other items work", async () => {
  const run = await ScheduledRun.start({ graph: deep, options: { maxWorkers: 100 } });
  await run.fanOut("start/0", "inner", 2);
  await run.fanOut("inner/0", "body", 3, 1);
  await run.fanOut("inner/1", "body", 3);
  expect(run.atWork.toSorted()).toEqual(["body/0.0", "body/1.0", "body/1.1", "body/1.2"]);
});

test("a bounded fan-out leaves workers to what is beside it", async () => {
  const run = await ScheduledRun.start({
    graph: graphOf([split("start", [[foreach("many", steps("body"), "collect")], steps("aside")], "end")]),
    options: { maxWorkers: 2 },
  });
  await run.done("start/0", "many", "aside");
  await run.fanOut("many/0", "body", 10, 1);
  expect(run.atWork).toEqual(["aside/0", "body/0"]);
});

test("a task counts for as many workers as it asks processors for", async () => {
  const graph = graphOf([split("start", [steps("heavy"), steps("light"), steps("other")], "end")], { heavy: [cpu(3)] });
  const run = await ScheduledRun.start({ graph, options: { maxWorkers: 4 } });
  await run.done("start/0", "heavy", "light", "other");
  expect(run.atWork).toEqual(["heavy/0", "light/0"]);
  await run.done("light/0", "end");
  expect(run.atWork).toEqual(["heavy/0", "other/0"]);
});

test("a task that asks for more than there is takes all", async () => {
  const run = await ScheduledRun.start({
    graph: graphOf([split("start", [steps("heavy"), steps("light")], "end")], { heavy: [cpu(64)] }),
    options: { maxWorkers: 2 },
  });
  await run.done("start/0", "heavy", "light");
  expect(run.atWork).toEqual(["heavy/0"]);
  await run.done("heavy/0", "end");
  expect(run.atWork).toEqual(["light/0"]);
});

test("a heavy task is not passed by for ever by light ones", async () => {
  const graph = graphOf([split("start", [steps("a"), steps("heavy"), [foreach("many", steps("body"), "collect")]], "end")], { heavy: [cpu(2)] });
  const run = await ScheduledRun.start({ graph, options: { maxWorkers: 2 } });
  await run.done("start/0", "a", "heavy", "many");
  expect(run.atWork).toEqual(["a/0"]);
  await run.done("a/0", "end");
  expect(run.atWork).toEqual(["heavy/0"]);
});

test("the first item of a fan-out starts as soon as the split is done, whatever else is at work", async () => {
  const run = await ScheduledRun.start({ graph: graphOf([split("start", [[foreach("many", steps("body"), "collect")], steps("aside")], "end")]) });
  await run.done("start/0", "many", "aside");
  await run.fanOut("many/0", "body", 2);
  expect(run.atWork).toEqual(["aside/0", "body/0", "body/1"]);
});

test("items that have begun are carried on before others begin", async () => {
  const run = await ScheduledRun.start({ graph: graphOf([foreach("start", steps("body", "more"), "end")]), options: { maxWorkers: 2 } });
  await run.fanOut("start/0", "body", 100);
  await run.done("body/0", "more");
  expect(run.atWork).toEqual(["body/1", "more/0"]);
});

test("a branch beside a wide fan-out goes on", async () => {
  const run = await ScheduledRun.start({
    graph: graphOf([split("start", [[foreach("many", steps("body"), "collect")], steps("aside", "further")], "end")]),
    options: { maxWorkers: 2 },
  });
  await run.done("start/0", "many", "aside");
  await run.fanOut("many/0", "body", 1000);
  await run.done("aside/0", "further");
  expect(run.atWork).toEqual(["body/0", "further/0"]);
});

test("new items of an inner fan-out come before new items of the outer one", async () => {
  const run = await ScheduledRun.start({ graph: deep, options: { maxWorkers: 1 } });
  await run.fanOut("start/0", "inner", 2);
  await run.fanOut("inner/0", "body", 2);
  expect(run.atWork).toEqual(["body/0.0"]);
  await run.done("body/0.0", "innerJoin");
  expect(run.atWork).toEqual(["body/0.1"]);
  await run.done("body/0.1", "innerJoin");
  expect(run.atWork).toEqual(["innerJoin/0"]);
  await run.done("innerJoin/0", "end");
  expect(run.atWork).toEqual(["inner/1"]);
});

test("a looping step that a fan-out goes to is counted by each item alone, however late the item starts", async () => {
  const run = await ScheduledRun.start({ graph: graphOf([foreach("start", [loop("refine")], "end")]), options: { maxWorkers: 1 } });
  await run.fanOut("start/0", "refine", 2);
  await run.done("refine/0", "refine");
  await run.done("refine/0~1", "end");
  expect(run.atWork).toEqual(["refine/1"]);
});

test("a join gets its inputs in the items' order, whatever ended first", async () => {
  const run = await ScheduledRun.start({ graph: wide });
  await run.fanOut("start/0", "body", 4);
  for (const ref of ["body/2", "body/0", "body/3", "body/1"]) await run.done(ref, "end");
  expect(run.compute.attemptOf("end/0").spec).toMatchObject({ parents: ["body/0-3"], join: { kind: "foreach" }, foreach: [] });
});

test("a join gets its branches in the order in which the step named them", async () => {
  const run = await ScheduledRun.start({
    graph: graphOf([step("start"), split("a", [[choice("b", steps("x"), [])], steps("c")], "join"), step("end")]),
  });
  await run.done("start/0", "a");
  await run.done("a/0", "c", "b");
  await run.done("b/0", "x");
  await run.done("x/0", "join");
  await run.done("c/0", "join");
  expect(run.compute.attemptOf("join/0").spec).toMatchObject({ parents: ["c/0", "x/0"], join: { kind: "split", branches: ["c", "b"] } });
});

test("a task knows the fan-outs around it, outermost first", async () => {
  const run = await ScheduledRun.start({ graph: deep });
  await run.fanOut("start/0", "inner", 2);
  await run.fanOut("inner/1", "body", 3);
  expect(run.compute.attemptOf("body/1.2").spec).toMatchObject({
    task: "1.2",
    parents: ["inner/1"],
    foreach: [
      { split: "start/0", index: 1, count: 2 },
      { split: "inner/1", index: 2, count: 3 },
    ],
  });
});
