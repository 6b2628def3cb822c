import { describe, expect, test } from "vitest";
import type { Transition } from "../../src/core/transition.js";
import { allows, downstream, makePlan } from "../../src/scheduler/step-plan.js";
import { choice, foreach, graphOf, loop, split, step, steps } from "./flow-model.js";

const flow = [
  step("start"),
  split("both", [steps("left"), steps("right")], "joined"),
  choice("which", steps("x"), []),
  foreach("each", steps("body"), "collected"),
  loop("check", ...steps("work")),
  step("end"),
];
const graph = graphOf(flow, {
  body: [
    { name: "resources", options: { cpu: 3 }, from: "code" },
    { name: "timeout", options: { durationMs: 500 }, from: "code" },
  ],
  x: [{ name: "catchError", options: {}, from: "with" }],
});
const plan = makePlan(graph, 2, (node) => (node.name === "body" ? 3 : 1));

const planOf = (name: string) => {
  const found = plan.get(name);
  if (found === undefined) throw new Error(`no plan of ${name}`);
  return found;
};

test("a task takes no more than all workers", () => {
  expect(planOf("body").slots).toBe(2);
  expect(planOf("start").slots).toBe(1);
});

test("decorators count", () => {
  expect(planOf("body").timeoutMs).toBe(500);
  expect(planOf("start").timeoutMs).toBeUndefined();
  expect(planOf("x").catches).toBe(true);
  expect(planOf("body").catches).toBe(false);
});

test("splits know their join", () => {
  expect(planOf("both").joinedBy).toBe("joined");
  expect(planOf("each").joinedBy).toBe("collected");
  expect(planOf("which").joinedBy).toBeUndefined();
});

const next = (...targets: readonly string[]): Transition => ({ kind: "next", targets });
const fanOut = (target: string): Transition => ({ kind: "foreach", target, count: 2 });

describe("a recorded transition is one that the step, as it is now, can make", () => {
  test.each<[string, Transition, boolean]>([
    ["start", next("both"), true],
    ["start", next("left"), false],
    ["start", next("gone"), false],
    ["start", next("both", "left"), false],
    ["start", { kind: "end" }, false],
    ["both", next("left", "right"), true],
    ["both", next("right", "left"), true],
    ["both", next("left"), false],
    ["both", next("left", "gone"), false],
    ["both", next("left", "left"), false],
    ["which", next("x"), true],
    ["which", next("each"), true],
    ["which", next("x", "each"), false],
    ["each", fanOut("body"), true],
    ["each", fanOut("gone"), false],
    ["each", next("body"), false],
    ["body", fanOut("collected"), false],
    ["check", next("work"), true],
    ["check", next("end"), true],
    ["end", { kind: "end" }, true],
    ["end", next("start"), false],
  ])("%s: %j → %s", (name, transition, expected) => {
    expect(allows(planOf(name), transition)).toBe(expected);
  });
});

test.each([
  ["end", ["end"]],
  ["collected", ["collected", "work", "check", "end"]],
  ["check", ["check", "work", "end"]],
  ["x", ["x", "each", "body", "collected", "work", "check", "end"]],
  ["left", ["left", "joined", "which", "x", "each", "body", "collected", "work", "check", "end"]],
])("what comes after %s", (from, after) => {
  // The join that switches has its own name here.
  expect([...downstream(graph, from)].toSorted()).toEqual([...after].toSorted());
});
