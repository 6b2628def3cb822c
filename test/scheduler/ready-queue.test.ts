import { expect, test } from "vitest";
import { countRunning, type Frame } from "../../src/scheduler/frame.js";
import { ReadyQueue, type Ready } from "../../src/scheduler/ready-queue.js";
import { makePlan, type StepPlan } from "../../src/scheduler/step-plan.js";
import type { Task } from "../../src/scheduler/task.js";
import { foreach, graphOf, steps } from "./flow-model.js";

const plan = makePlan(graphOf([foreach("start", steps("body"), "end")]), 4, () => 1);

function planOf(step: string): StepPlan {
  const found = plan.get(step);
  if (found === undefined) throw new Error(`no plan of ${step}`);
  return found;
}

function frame(options: Partial<Frame> = {}): Frame {
  return {
    kind: "foreach",
    split: "start/0",
    splitStep: "start",
    count: 3,
    targets: ["body"],
    concurrency: undefined,
    outer: undefined,
    outerBranch: 0,
    path: [],
    arrivals: [],
    arrived: 0,
    running: 0,
    fresh: true,
    rounds: new Map(),
    arrivedRounds: new Map(),
    ...options,
  };
}

function task(id: string, inside?: Frame): Task {
  return { plan: planOf("body"), id, ref: `body/${id}`, frame: inside, branch: 0, parents: [], rounds: new Map(), joined: undefined, attempt: 0 };
}

const ready = (id: string, inside?: Frame): Ready => ({ kind: "task", task: task(id, inside) });
const items = (of: Frame): Ready => ({ kind: "fan-out", frame: of, target: "body", next: 0 });

/** Takes what is next, as the run state does. */
function take(queue: ReadyQueue): string | undefined {
  const entry = queue.peek();
  if (entry === undefined) return undefined;
  const name = entry.kind === "task" ? entry.task.id : `${entry.frame.split}#${entry.next}`;
  const inside = entry.kind === "task" ? entry.task.frame : entry.frame;
  queue.advance(entry);
  countRunning(inside, 1);
  return name;
}

const takeAll = (queue: ReadyQueue): string[] => {
  const names: string[] = [];
  for (let name = take(queue); name !== undefined; name = take(queue)) names.push(name);
  return names;
};

test("first come, first served, and what is tried again before all", () => {
  const queue = new ReadyQueue();
  queue.add(ready("a"));
  queue.add(ready("b"));
  queue.addFirst(task("again"));
  queue.addFirst(task("again too"));
  expect(takeAll(queue)).toEqual(["again", "again too", "a", "b"]);
  expect(queue.isEmpty).toBe(true);
});

test("tasks before new items, and inner fan-outs before outer ones", () => {
  const queue = new ReadyQueue();
  const outer = frame({ split: "outer", count: 2 });
  const inner = frame({ split: "inner", count: 2, outer });
  queue.add(items(outer));
  queue.add(items(inner));
  queue.add(ready("a"));
  expect(takeAll(queue)).toEqual(["a", "inner#0", "inner#1", "outer#0", "outer#1"]);
});

test("peeking takes nothing", () => {
  const queue = new ReadyQueue();
  queue.add(ready("a"));
  expect(queue.peek()).toBe(queue.peek());
  expect(queue.isEmpty).toBe(false);
});

test("a fan-out that is full waits aside until one of its tasks has ended", () => {
  const queue = new ReadyQueue();
  const bounded = frame({ split: "bounded", concurrency: 2 });
  queue.add(items(bounded));
  queue.add(ready("aside"));
  expect(takeAll(queue)).toEqual(["aside", "bounded#0", "bounded#1"]);
  expect(queue.isEmpty).toBe(false);
  countRunning(bounded, -1);
  expect(takeAll(queue)).toEqual(["bounded#2"]);
  expect(queue.isEmpty).toBe(true);
});

test("a task tried again inside a full fan-out lets others pass", () => {
  const queue = new ReadyQueue();
  const bounded = frame({ concurrency: 1, running: 1 });
  queue.addFirst(task("again", bounded));
  queue.add(ready("other"));
  expect(takeAll(queue)).toEqual(["other"]);
  countRunning(bounded, -1);
  expect(takeAll(queue)).toEqual(["again"]);
});

test("a bound holds for what is further inside", () => {
  const queue = new ReadyQueue();
  const outer = frame({ split: "outer", concurrency: 1 });
  const inner = frame({ split: "inner", outer, concurrency: 5 });
  queue.add(items(inner));
  expect(takeAll(queue)).toEqual(["inner#0"]);
  countRunning(inner, -1);
  expect(takeAll(queue)).toEqual(["inner#1"]);
});

test("thousands of tasks keep their order while they are taken and added", () => {
  const queue = new ReadyQueue();
  const taken: string[] = [];
  let added = 0;
  const add = (): void => queue.add(ready(String(added++)));
  for (let i = 0; i < 3000; i++) add();
  for (let i = 0; i < 5000; i++) {
    const name = take(queue);
    if (name !== undefined) taken.push(name);
    if (i % 2 === 0) add();
  }
  taken.push(...takeAll(queue));
  expect(taken).toEqual(Array.from({ length: added }, (_, index) => String(index)));
  expect(queue.isEmpty).toBe(true);
});

test("a queue that is cleared is empty", () => {
  const queue = new ReadyQueue();
  queue.add(items(frame()));
  queue.addFirst(task("again"));
  queue.clear();
  expect(queue.isEmpty).toBe(true);
  expect(queue.peek()).toBeUndefined();
});
