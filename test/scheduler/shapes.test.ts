import { describe, expect, test } from "vitest";
import { unpackTaskRefs } from "../../src/core/task-ref.js";
import { Random } from "../rig/random.js";
import type { FakeAttempt } from "./fake-compute.js";
import { choice, foreach, graphOf, loop, split, step, steps, type Sequence } from "./flow-model.js";
import { interpret, type Decisions } from "./interpreter.js";
import { ScheduledRun, settled } from "./scheduled-run.js";

interface Shape {
  readonly flow: Sequence;
  readonly decisions?: Partial<Decisions>;
  /** Every task, with the tasks it goes on from. */
  readonly tasks: readonly string[];
}

const start = step("start");
const end = step("end");

const shapes: Record<string, Shape> = {
  linear: { flow: steps("start", "a", "end"), tasks: ["start/0", "a/0 ← start/0", "end/0 ← a/0"] },
  "static split": {
    flow: [start, split("a", [steps("left"), steps("right")], "join"), end],
    tasks: ["start/0", "a/0 ← start/0", "left/0 ← a/0", "right/0 ← a/0", "join/0 ← left/0 right/0", "end/0 ← join/0"],
  },
  "split of start, joined by end": {
    flow: [split("start", [steps("b"), steps("a")], "end")],
    tasks: ["start/0", "b/0 ← start/0", "a/0 ← start/0", "end/0 ← b/0 a/0"],
  },
  "split in a split, branches of several steps": {
    flow: [start, split("a", [steps("b", "c"), [split("d", [steps("e"), steps("f")], "inner"), step("g")]], "outer"), end],
    tasks: [
      "start/0",
      "a/0 ← start/0",
      "b/0 ← a/0",
      "c/0 ← b/0",
      "d/0 ← a/0",
      "e/0 ← d/0",
      "f/0 ← d/0",
      "inner/0 ← e/0 f/0",
      "g/0 ← inner/0",
      "outer/0 ← c/0 g/0",
      "end/0 ← outer/0",
    ],
  },
  foreach: {
    flow: [start, foreach("a", steps("body"), "join"), end],
    decisions: { count: () => 3 },
    tasks: ["start/0", "a/0 ← start/0", "body/0 ← a/0", "body/1 ← a/0", "body/2 ← a/0", "join/0 ← body/0 body/1 body/2", "end/0 ← join/0"],
  },
  "foreach over one item": {
    flow: [start, foreach("a", steps("body"), "join"), end],
    decisions: { count: () => 1 },
    tasks: ["start/0", "a/0 ← start/0", "body/0 ← a/0", "join/0 ← body/0", "end/0 ← join/0"],
  },
  "empty foreach": {
    flow: [start, foreach("a", steps("body", "more"), "join"), end],
    decisions: { count: () => 0 },
    tasks: ["start/0", "a/0 ← start/0", "join/0", "end/0 ← join/0"],
  },
  "foreach with several steps": {
    flow: [start, foreach("a", steps("body", "more"), "join"), end],
    decisions: { count: () => 2 },
    tasks: [
      "start/0",
      "a/0 ← start/0",
      "body/0 ← a/0",
      "body/1 ← a/0",
      "more/0 ← body/0",
      "more/1 ← body/1",
      "join/0 ← more/0 more/1",
      "end/0 ← join/0",
    ],
  },
  "foreach in a foreach": {
    flow: [start, foreach("a", [foreach("b", steps("body"), "inner")], "outer"), end],
    decisions: { count: (task) => (task === "a/0" ? 2 : 2 + Number(task.slice(-1))) },
    tasks: [
      "start/0",
      "a/0 ← start/0",
      "b/0 ← a/0",
      "b/1 ← a/0",
      "body/0.0 ← b/0",
      "body/0.1 ← b/0",
      "body/1.0 ← b/1",
      "body/1.1 ← b/1",
      "body/1.2 ← b/1",
      "inner/0 ← body/0.0 body/0.1",
      "inner/1 ← body/1.0 body/1.1 body/1.2",
      "outer/0 ← inner/0 inner/1",
      "end/0 ← outer/0",
    ],
  },
  "empty foreach in a foreach": {
    flow: [start, foreach("a", [foreach("b", steps("body"), "inner")], "outer"), end],
    decisions: { count: (task) => (task === "b/0" ? 0 : task === "a/0" ? 2 : 1) },
    tasks: [
      "start/0",
      "a/0 ← start/0",
      "b/0 ← a/0",
      "b/1 ← a/0",
      "body/1.0 ← b/1",
      "inner/0",
      "inner/1 ← body/1.0",
      "outer/0 ← inner/0 inner/1",
      "end/0 ← outer/0",
    ],
  },
  "split in a foreach": {
    flow: [start, foreach("a", [split("b", [steps("left"), steps("right")], "inner")], "outer"), end],
    decisions: { count: () => 2 },
    tasks: [
      "start/0",
      "a/0 ← start/0",
      "b/0 ← a/0",
      "b/1 ← a/0",
      "left/0 ← b/0",
      "right/0 ← b/0",
      "left/1 ← b/1",
      "right/1 ← b/1",
      "inner/0 ← left/0 right/0",
      "inner/1 ← left/1 right/1",
      "outer/0 ← inner/0 inner/1",
      "end/0 ← outer/0",
    ],
  },
  "foreach in a split": {
    flow: [start, split("a", [[foreach("b", steps("body"), "inner")], steps("right")], "outer"), end],
    decisions: { count: () => 2 },
    tasks: [
      "start/0",
      "a/0 ← start/0",
      "b/0 ← a/0",
      "right/0 ← a/0",
      "body/0 ← b/0",
      "body/1 ← b/0",
      "inner/0 ← body/0 body/1",
      "outer/0 ← inner/0 right/0",
      "end/0 ← outer/0",
    ],
  },
  switch: {
    flow: [start, choice("a", steps("x"), steps("y")), end],
    decisions: { arm: () => 1 },
    tasks: ["start/0", "a/0 ← start/0", "y/0 ← a/0", "end/0 ← y/0"],
  },
  "switch that goes straight on": {
    flow: [start, choice("a", steps("x"), []), end],
    decisions: { arm: () => 1 },
    tasks: ["start/0", "a/0 ← start/0", "end/0 ← a/0"],
  },
  "switch in a foreach, the join takes what comes": {
    flow: [start, foreach("a", [choice("b", steps("x"), steps("y", "z"))], "join"), end],
    decisions: { count: () => 3, arm: (task) => Number(task.slice(-1)) % 2 },
    tasks: [
      "start/0",
      "a/0 ← start/0",
      "b/0 ← a/0",
      "b/1 ← a/0",
      "b/2 ← a/0",
      "x/0 ← b/0",
      "y/1 ← b/1",
      "z/1 ← y/1",
      "x/2 ← b/2",
      "join/0 ← x/0 z/1 x/2",
      "end/0 ← join/0",
    ],
  },
  "switch in a split": {
    flow: [start, split("a", [[choice("b", steps("x"), steps("y"))], steps("right")], "join"), end],
    decisions: { arm: () => 0 },
    tasks: ["start/0", "a/0 ← start/0", "b/0 ← a/0", "right/0 ← a/0", "x/0 ← b/0", "join/0 ← x/0 right/0", "end/0 ← join/0"],
  },
  "foreach in a switch": {
    flow: [start, choice("a", [foreach("b", steps("body"), "inner")], steps("y")), end],
    decisions: { arm: () => 0, count: () => 2 },
    tasks: ["start/0", "a/0 ← start/0", "b/0 ← a/0", "body/0 ← b/0", "body/1 ← b/0", "inner/0 ← body/0 body/1", "end/0 ← inner/0"],
  },
  "loop of one step": {
    flow: [start, loop("refine"), end],
    decisions: { laps: () => 3 },
    tasks: ["start/0", "refine/0 ← start/0", "refine/~1 ← refine/0", "refine/~2 ← refine/~1", "end/0 ← refine/~2"],
  },
  "loop of several steps": {
    flow: [start, loop("check", ...steps("work", "polish")), end],
    decisions: { laps: () => 2 },
    tasks: [
      "start/0",
      "work/0 ← start/0",
      "polish/0 ← work/0",
      "check/0 ← polish/0",
      "work/~1 ← check/0",
      "polish/~1 ← work/~1",
      "check/~1 ← polish/~1",
      "end/0 ← check/~1",
    ],
  },
  "loop in a loop": {
    flow: [start, loop("outer", loop("inner")), end],
    decisions: { laps: () => 2 },
    tasks: [
      "start/0",
      "inner/0 ← start/0",
      "inner/~1 ← inner/0",
      "outer/0 ← inner/~1",
      "inner/~2 ← outer/0",
      "inner/~3 ← inner/~2",
      "outer/~1 ← inner/~3",
      "end/0 ← outer/~1",
    ],
  },
  "loop with a fan-out inside": {
    flow: [start, loop("check", foreach("a", steps("body"), "join")), end],
    decisions: { laps: () => 2, count: (task) => (task === "a/0" ? 2 : 1) },
    tasks: [
      "start/0",
      "a/0 ← start/0",
      "body/0 ← a/0",
      "body/1 ← a/0",
      "join/0 ← body/0 body/1",
      "check/0 ← join/0",
      "a/~1 ← check/0",
      "body/0~1 ← a/~1",
      "join/~1 ← body/0~1",
      "check/~1 ← join/~1",
      "end/0 ← check/~1",
    ],
  },
  "loop with a split inside": {
    flow: [start, loop("check", split("a", [steps("left"), steps("right")], "join")), end],
    decisions: { laps: () => 2 },
    tasks: [
      "start/0",
      "a/0 ← start/0",
      "left/0 ← a/0",
      "right/0 ← a/0",
      "join/0 ← left/0 right/0",
      "check/0 ← join/0",
      "a/~1 ← check/0",
      "left/~1 ← a/~1",
      "right/~1 ← a/~1",
      "join/~1 ← left/~1 right/~1",
      "check/~1 ← join/~1",
      "end/0 ← check/~1",
    ],
  },
  "loop in a foreach, each item as often as it needs": {
    flow: [start, foreach("a", [loop("refine")], "join"), end],
    decisions: { count: () => 3, laps: (task) => 1 + Number(task.slice(-1)) },
    tasks: [
      "start/0",
      "a/0 ← start/0",
      "refine/0 ← a/0",
      "refine/1 ← a/0",
      "refine/1~1 ← refine/1",
      "refine/2 ← a/0",
      "refine/2~1 ← refine/2",
      "refine/2~2 ← refine/2~1",
      "join/0 ← refine/0 refine/1~1 refine/2~2",
      "end/0 ← join/0",
    ],
  },
  "loop with a foreach with a loop inside: marks count on from the item that went round most": {
    flow: [start, loop("check", foreach("a", [loop("refine")], "join")), end],
    decisions: { count: () => 2, laps: (task) => (task.startsWith("check") ? 2 : 1 + Number(task.at("refine/".length))) },
    tasks: [
      "start/0",
      "a/0 ← start/0",
      "refine/0 ← a/0",
      "refine/1 ← a/0",
      "refine/1~1 ← refine/1",
      "join/0 ← refine/0 refine/1~1",
      "check/0 ← join/0",
      "a/~1 ← check/0",
      "refine/0~2 ← a/~1",
      "refine/1~2 ← a/~1",
      "refine/1~3 ← refine/1~2",
      "join/~1 ← refine/0~2 refine/1~3",
      "check/~1 ← join/~1",
      "end/0 ← check/~1",
    ],
  },
  "join that branches": {
    flow: [start, split("a", [steps("b"), steps("c")], "both"), split(undefined, [steps("d"), steps("e")], "end")],
    tasks: ["start/0", "a/0 ← start/0", "b/0 ← a/0", "c/0 ← a/0", "both/0 ← b/0 c/0", "d/0 ← both/0", "e/0 ← both/0", "end/0 ← d/0 e/0"],
  },
  "join that fans out": {
    flow: [start, foreach("a", steps("body"), "again"), foreach(undefined, steps("more"), "join"), end],
    decisions: { count: (task) => (task === "a/0" ? 2 : 1) },
    tasks: [
      "start/0",
      "a/0 ← start/0",
      "body/0 ← a/0",
      "body/1 ← a/0",
      "again/0 ← body/0 body/1",
      "more/0 ← again/0",
      "join/0 ← more/0",
      "end/0 ← join/0",
    ],
  },
  "join that switches": {
    flow: [start, split("a", [steps("b"), steps("c")], "join"), choice(undefined, steps("x"), steps("y")), end],
    decisions: { arm: () => 1 },
    tasks: ["start/0", "a/0 ← start/0", "b/0 ← a/0", "c/0 ← a/0", "join/0 ← b/0 c/0", "y/0 ← join/0", "end/0 ← y/0"],
  },
  "fan-out joined by end": {
    flow: [foreach("start", steps("body"), "end")],
    decisions: { count: () => 2 },
    tasks: ["start/0", "body/0 ← start/0", "body/1 ← start/0", "end/0 ← body/0 body/1"],
  },
};

const plain: Decisions = { count: () => 2, arm: () => 0, laps: () => 1 };

/** Which of the tasks at work ends next. */
const orders: Record<string, (atWork: readonly FakeAttempt[]) => FakeAttempt | undefined> = {
  "the first to start": (atWork) => atWork[0],
  "the last to start": (atWork) => atWork.at(-1),
};

describe.each(Object.entries(shapes))("%s", (_name, { flow, decisions, tasks }) => {
  const script = interpret(flow, { ...plain, ...decisions });
  const graph = graphOf(flow);

  async function run(maxWorkers: number, pick: (atWork: readonly FakeAttempt[]) => FakeAttempt | undefined): Promise<ScheduledRun> {
    const scheduled = await ScheduledRun.start({ graph, options: { maxWorkers } });
    for (let attempt = pick(scheduled.compute.attempts); attempt !== undefined; attempt = pick(scheduled.compute.attempts)) {
      scheduled.compute.done(attempt, script.get(attempt.ref)?.transition ?? { kind: "end" });
      await settled();
    }
    return scheduled;
  }

  test.each([
    ["the first to start", 1],
    ["the first to start", 2],
    ["the first to start", 100],
    ["the last to start", 2],
    ["the last to start", 100],
  ] as const)("%s ends first, %i at once", async (order, maxWorkers) => {
    const scheduled = await run(maxWorkers, orders[order] ?? (() => undefined));
    const ran = scheduled.compute.submitted.map(({ ref, spec }) => {
      const parents = [...unpackTaskRefs(spec.parents)];
      return parents.length === 0 ? ref : `${ref} ← ${parents.join(" ")}`;
    });
    expect(ran.toSorted()).toEqual([...tasks].toSorted());
    expect(await scheduled.ended()).toMatchObject({ status: "done", counts: { done: tasks.length, failed: 0, reused: 0 } });
  });

  test("what is planned is what runs", async () => {
    const random = new Random(7);
    const scheduled = await run(3, (atWork) => atWork[random.below(atWork.length)]);
    const planned = new Map<string, number>();
    for (const { step: name, count } of scheduled.log.of("tasks-planned")) planned.set(name, (planned.get(name) ?? 0) + count);
    const ran = new Map<string, number>();
    for (const { spec } of scheduled.compute.submitted) ran.set(spec.step, (ran.get(spec.step) ?? 0) + 1);
    expect(planned).toEqual(ran);
  });
});
