import { describe, expect, test } from "vitest";
import { Random } from "../../rig/random.js";
import { shortTask } from "../../rig/results.js";
import type { Fault } from "./model.js";
import { planMerges, predict } from "./oracle.js";
import { randomFlow } from "./random-flow.js";
import { ALWAYS, all, ShapeRun, type Plan } from "./shape-run.js";

/** Seeds whose flows are of a size worth running: not trivial, and not a minute long. */
const seeds = Array.from({ length: 400 }, (_, n) => 40_000 + n)
  .filter((seed) => {
    const flow = randomFlow(new Random(seed));
    const { size } = predict(flow, planMerges(flow)).tasks;
    return size >= 15 && size <= 110;
  })
  .slice(0, 14);

describe("a flow of random shape", () => {
  test.each(seeds)("(seed %i) fails at a random task, goes on, retries at others, and is exact", async (seed) => {
    const random = new Random(seed);
    const flow = randomFlow(random);
    await using shape = await ShapeRun.create(flow);
    const whole = shape.predict();
    const tasks = [...whole.tasks.keys()];
    const ways: readonly Fault[] = ["throw", "throw", "exit", "kill", "unhandled"];
    const plan: Record<string, Plan[string]> = {};
    for (const task of tasks) if (random.next() < 0.15) plan[task] = { fault: ways[random.below(ways.length)] ?? "throw", attempts: 1 };
    const victim = tasks[random.below(tasks.length)] ?? "start/0";
    plan[victim] = { fault: "throw", attempts: ALWAYS };
    await shape.millrace(
      1,
      ["run", "flow.ts", "--with", "retry:times=1,delay=0s", "--keep-going", "--max-workers", String(1 + random.below(4))],
      plan,
    );

    const reachable = shape.predict({ failing: (task) => task === victim });
    expect(await shape.statuses("Shape/1")).toEqual({ ...all(reachable.tasks.keys(), "done"), [victim]: "failed" });
    await shape.millrace(0, ["resume", "flow.ts"]);
    await shape.expectArtifacts("Shape/2", whole);
    expect(shape.completions).toEqual(new Map(tasks.map((task) => [task, 1])));
    const reused = (await shape.results.status("Shape/2")).tasks.filter((task) => task.reused).map((task) => shortTask(task.pathspec));
    expect(reused.toSorted()).toEqual([...reachable.tasks.keys()].toSorted());
  });
});
