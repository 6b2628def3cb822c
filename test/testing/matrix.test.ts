import { describe, expect, test, vi } from "vitest";
import { runFlow, TestClock } from "../../src/testing/index.js";
import type { Flow } from "../behaviour/matrix/model.js";
import { catchableSteps, planMerges, predict } from "../behaviour/matrix/oracle.js";
import { randomFlow } from "../behaviour/matrix/random-flow.js";
import { branches, fanOuts, joins, loops, switches } from "../behaviour/matrix/shapes.js";
import { Random } from "../rig/random.js";
import { artifactsOf, InProcessShape, tasksOf, type Plan } from "./in-process-shape.js";

// Every shape that the command line is tested with comes out the same in process: the oracle is the same one.
vi.spyOn(console, "log").mockImplementation(() => {});
vi.spyOn(process.stderr, "write").mockImplementation(() => true);

const shapes = Object.entries({ ...branches, ...fanOuts, ...switches, ...loops, ...joins });
const random = Array.from({ length: 30 }, (_, n) => [`random ${90_000 + n}`, randomFlow(new Random(90_000 + n))] as const);

describe.each([...shapes, ...random.filter(([, flow]) => isWorthIt(flow))])("%s", (_, flow) => {
  test.each([1, 3])("has the artifacts, output and places that it should, %i at a time", async (maxWorkers) => {
    const clock = new TestClock();
    const shape = new InProcessShape(flow, planMerges(flow), {}, clock);
    const prediction = predict(flow, planMerges(flow));
    const run = await runFlow(shape.Flow, { clock, maxWorkers, maxNumSplits: 1000 });
    expect(artifactsOf(run)).toEqual(Object.fromEntries([...prediction.tasks.values()].map((task) => [task.task, task.artifacts])));
    expect(shape.ended.toSorted()).toEqual([...prediction.tasks.keys()].toSorted());
    for (const task of tasksOf(run)) {
      expect(task).toMatchObject({
        stdout: `out ${task.step}/${task.id}\n`,
        stderr: `err ${task.step}/${task.id}\n`,
        attempts: [{ error: undefined }],
      });
    }
  });

  test("a first attempt that fails leaves no trace in the second", async () => {
    const clock = new TestClock();
    const prediction = predict(flow, planMerges(flow));
    const plan: Plan = Object.fromEntries(
      [...prediction.tasks.keys()].map((task, place) => [task, { attempts: 1, by: place % 2 === 0 ? "error" : "time" }]),
    );
    const decorators = () => [`@retry({ times: 1, delay: "1m" })`, `@timeout("5m")`];
    const shape = new InProcessShape(flow, planMerges(flow), plan, clock, { decorators });
    const run = await runFlow(shape.Flow, { clock, maxWorkers: 3, maxNumSplits: 1000 });
    expect(artifactsOf(run)).toEqual(Object.fromEntries([...prediction.tasks.values()].map((task) => [task.task, task.artifacts])));
    for (const task of tasksOf(run)) {
      const timedOut = plan[`${task.step}/${task.id}`]?.by === "time";
      expect(task.attempts).toMatchObject([
        { error: timedOut ? { code: "timeout" } : new RangeError(`planned failure of ${task.step}/${task.id}`), retryInMs: 60_000 },
        { error: undefined },
      ]);
    }
  });
});

describe.each(shapes)("%s", (_, flow) => {
  test("a caught failure leaves its variable and nothing else; one that is not caught stops what depends on it", async () => {
    const clock = new TestClock();
    const catchable = catchableSteps(flow);
    const tasks = [...predict(flow, planMerges(flow)).tasks.values()];
    const victims = tasks.filter((task, place) => catchable.has(task.step) && place % 2 === 1);
    const plan: Plan = Object.fromEntries(victims.map(({ task }) => [task, { attempts: Infinity, by: "error" }]));
    const conditions = { failing: (task: string) => task in plan, catching: (step: string) => catchable.has(step) };
    const merges = planMerges(flow, conditions);
    const caught = new InProcessShape(flow, merges, plan, clock, { catching: conditions.catching });
    const expected = predict(flow, merges, conditions);
    const run = await runFlow(caught.Flow, { clock, maxWorkers: 2, maxNumSplits: 1000 });
    expect(artifactsOf(run)).toEqual(Object.fromEntries([...expected.tasks.values()].map((task) => [task.task, task.artifacts])));

    const [victim] = victims;
    if (victim === undefined) return;
    const failing = (task: string): boolean => task === victim.task;
    const broken = new InProcessShape(flow, planMerges(flow), { [victim.task]: { attempts: Infinity, by: "error" } }, clock);
    const failed = await runFlow(broken.Flow, { clock, keepGoing: true, maxNumSplits: 1000, onFailure: "return" });
    expect(failed.status).toBe("failed");
    expect(failed.failed.map(({ step, id }) => `${step}/${id}`)).toEqual([victim.task]);
    expect(Object.keys(artifactsOf(failed)).toSorted()).toEqual([...predict(flow, planMerges(flow), { failing }).tasks.keys()].toSorted());
  });
});

/** Of a size worth running: not trivial, and with artifacts that do not grow and grow. */
function isWorthIt(flow: Flow): boolean {
  const { tasks } = predict(flow, planMerges(flow));
  return tasks.size >= 15 && tasks.size <= 110 && JSON.stringify([...tasks.values()]).length < 200_000;
}
