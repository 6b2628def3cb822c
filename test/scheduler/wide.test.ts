import { expect, test } from "vitest";
import { RunState } from "../../src/scheduler/run-state.js";
import { makePlan } from "../../src/scheduler/step-plan.js";
import type { Task } from "../../src/scheduler/task.js";
import { foreach, graphOf, steps } from "./flow-model.js";

const WIDTH = 100_000;

/** Runs every task that becomes ready, `atOnce` at a time, oldest first. Returns how many were known at most at one moment. */
function runAll(
  state: RunState,
  atOnce: number,
  next: (task: Task) => Parameters<RunState["done"]>[1],
): { readonly tasks: number; readonly last: Task | undefined } {
  let tasks = 0;
  let last: Task | undefined;
  const running: Task[] = [];
  for (;;) {
    for (let task = state.take(atOnce - running.length); task !== undefined; task = state.take(atOnce - running.length)) running.push(task);
    const task = running.shift();
    if (task === undefined) return { tasks, last };
    tasks++;
    last = task;
    state.done(task, next(task));
  }
}

function stateOf(flow: Parameters<typeof graphOf>[0]): { readonly state: RunState; readonly planned: [string, number][] } {
  const planned: [string, number][] = [];
  const plan = makePlan(graphOf(flow), 16, () => 1);
  const listener = { planned: (step: string, count: number) => planned.push([step, count]), reused: () => {} };
  const state = new RunState({ plan, origin: undefined, keepGoing: false, listener });
  state.start();
  return { state, planned };
}

test("a fan-out of 100,000 is one entry, its tasks are made as they start, and the join's parents are one range", () => {
  const { state, planned } = stateOf([foreach("start", steps("body"), "end")]);
  const { tasks, last } = runAll(state, 16, (task) => {
    if (task.plan.name === "start") return { kind: "foreach", target: "body", count: WIDTH };
    return task.plan.name === "end" ? { kind: "end" } : { kind: "next", targets: ["end"] };
  });
  expect(tasks).toBe(WIDTH + 2);
  expect(planned).toEqual([
    ["start", 1],
    ["body", WIDTH],
    ["end", 1],
  ]);
  expect(last?.parents).toEqual([`body/0-${WIDTH - 1}`]);
  expect(state.reachedEnd).toBe(true);
});

test("with several steps an item, no more items have begun and not ended than are at work", () => {
  const { state } = stateOf([foreach("start", steps("first", "second", "third"), "end")]);
  let begun = 0;
  let most = 0;
  runAll(state, 16, (task) => {
    if (task.plan.name === "start") return { kind: "foreach", target: "first", count: 10_000 };
    if (task.plan.name === "end") return { kind: "end" };
    if (task.plan.name === "first") most = Math.max(most, ++begun);
    if (task.plan.name === "third") begun--;
    const then = { first: "second", second: "third", third: "end" }[task.plan.name] ?? "end";
    return { kind: "next", targets: [then] };
  });
  expect(begun).toBe(0);
  expect(most).toBeLessThanOrEqual(16);
});
