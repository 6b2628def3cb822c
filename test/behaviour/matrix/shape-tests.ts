import { describe, expect, test } from "vitest";
import { stepNames, type Fault, type Flow } from "./model.js";
import { catchableSteps, planMerges, predict, type Conditions } from "./oracle.js";
import { ALWAYS, all, ShapeRun, type Plan } from "./shape-run.js";
import type { Shapes } from "./shapes.js";

/** Runs every shape through every behaviour. */
export function testShapes(shapes: Shapes): void {
  describe.each(Object.entries(shapes))("%s", (_, flow) => {
    test("artifacts, lineage, parameters, tags and logs stand where they should and nowhere else", async () => {
      await using shape = await ShapeRun.create(flow);
      const parameters = { alpha: 3.5, word: "two words", flags: { deep: [1, null] } };
      const prediction = shape.predict({ parameters });
      const given = ["--alpha", "3.5", "--word", "two words", "--flags", JSON.stringify(parameters.flags)];
      await shape.millrace(0, ["run", "flow.ts", ...given, "--tag", "first", "--tag", "second thing"]);

      await shape.expectArtifacts("Shape/1", prediction);
      const status = await shape.results.status("Shape/latest");
      expect(status.status).toBe("done");
      expect(status.parameters).toEqual(parameters);
      expect(status.tags).toEqual(["first", "second thing"]);
      expect(status.tasks.map((task) => task.pathspec).toSorted()).toEqual([...prediction.tasks.keys()].map((task) => `Shape/1/${task}`).toSorted());
      expect(status.tasks.filter((task) => task.status !== "done" || task.attempt !== 0 || task.reused)).toEqual([]);
      for (const step of status.steps) {
        const done = [...prediction.tasks.values()].filter((task) => task.step === step.name).length;
        expect(step, step.name).toEqual({ name: step.name, tasks: { done, failed: 0, running: 0, reused: 0 } });
      }

      const stdout = await shape.results.logs("Shape/1", "--stdout");
      const stderr = await shape.results.logs("Shape/1", "--stderr");
      expect([...stdout.matchAll(/\bout (\S+)$/gm)].map((match) => match[1]).toSorted()).toEqual([...prediction.tasks.keys()].toSorted());
      expect([...stderr.matchAll(/\berr (\S+)$/gm)].map((match) => match[1]).toSorted()).toEqual([...prediction.tasks.keys()].toSorted());
      expect(stdout).not.toContain("err ");
      expect(stderr).not.toContain("out ");
      expect(shape.completions).toEqual(new Map([...prediction.tasks.keys()].map((task) => [task, 1])));
    });

    test("a first attempt that fails, in whatever way, leaves no trace in the second", async () => {
      await using shape = await ShapeRun.create(flow);
      const prediction = shape.predict();
      const ways: readonly Fault[] = ["throw", "unhandled", "throw", "exit", "throw", "uncaught", "throw", "kill"];
      const plan: Plan = Object.fromEntries(
        [...prediction.tasks.keys()].map((task, place) => [task, { fault: ways[place % ways.length] ?? "throw", attempts: 1 }]),
      );
      await shape.millrace(0, ["run", "flow.ts", "--with", "retry:times=1,delay=0s,jitter=false"], plan);

      await shape.expectArtifacts("Shape/1", prediction);
      expect(shape.project.ledger.filter((line) => line.startsWith("end ") && !line.endsWith(" 1 1"))).toEqual([]);
      expect(shape.completions).toEqual(new Map([...prediction.tasks.keys()].map((task) => [task, 1])));
    });

    test("a run that fails at each step in turn goes on from there, and no finished task runs again", async () => {
      await using shape = await ShapeRun.create(flow);
      const toFail = new Set([...shape.predict().tasks.values()].map((task) => task.step));
      // A run that fails in one branch has the others done, so their turn comes in a chain of runs of their own.
      for (let chain = 0; toFail.size > 0; chain++) await failInTurn(shape, toFail, chain % 2 === 0);
    });

    test("a caught failure, in whatever way, leaves its variable and nothing else", async () => {
      const { conditions, plan, timed } = planCatches(flow);
      await using shape = await ShapeRun.create(flow, conditions, {
        catching: conditions.catching,
        decorators: (step) => (step === timed ? [`@timeout("2s")`] : []),
      });
      await shape.millrace(0, ["run", "flow.ts"], plan);

      const prediction = shape.predict(conditions);
      expect([...prediction.tasks.values()].filter((task) => task.caught).map((task) => task.task)).toEqual(Object.keys(plan));
      await shape.expectArtifacts("Shape/1", prediction);
    });
  });
}

/** Runs a flow and resumes it, failing at each of the steps that it comes to, and once more to its end. */
async function failInTurn(shape: ShapeRun, toFail: Set<string>, keepGoing: boolean): Promise<void> {
  const ways: readonly Fault[] = ["throw", "kill", "throw", "exit"];
  const whole = shape.predict();
  await shape.project.clearLedger();
  let command = ["run", "flow.ts", ...(keepGoing ? ["--keep-going"] : [])];
  for (const step of stepNames(shape.flow).filter((name) => toFail.has(name))) {
    const candidates = [...whole.tasks.keys()].filter((task) => task.startsWith(`${step}/`) && !shape.completions.has(task));
    const victim = candidates[Math.floor(candidates.length / 2)];
    if (victim === undefined) continue;
    toFail.delete(step);
    await shape.millrace(1, command, { [victim]: { fault: ways[toFail.size % ways.length] ?? "throw", attempts: ALWAYS } });

    const reachable = shape.predict({ failing: (task) => task === victim });
    if (keepGoing) expect(shape.completions).toEqual(new Map(Object.entries(all(reachable.tasks.keys(), 1))));
    else expect([...reachable.tasks.keys()]).toEqual(expect.arrayContaining([...shape.completions.keys()]));
    if (command[0] === "run") expect(await shape.statuses("Shape/latest")).toEqual({ ...all(shape.completions.keys(), "done"), [victim]: "failed" });
    command = ["resume", "flow.ts"];
  }
  await shape.millrace(0, command);

  await shape.expectArtifacts("Shape/latest", whole);
  expect(shape.completions).toEqual(new Map(Object.entries(all(whole.tasks.keys(), 1))));
  const status = await shape.results.status("Shape/latest");
  const ranNow = shape.project.ledger.filter((line) => line.startsWith("end ") && line.split(" ")[2] === status.pathspec.split("/")[1]);
  expect(status.tasks.filter((task) => !task.reused)).toHaveLength(ranNow.length);
}

/** Every second task that can be caught fails, one of them by its step's time limit. */
function planCatches(flow: Flow): {
  readonly conditions: Required<Pick<Conditions, "failing" | "catching">>;
  readonly plan: Plan;
  readonly timed: string | undefined;
} {
  const ways: readonly Fault[] = ["throw", "kill", "throw", "exit", "unhandled"];
  const catchable = catchableSteps(flow);
  const tasks = [...predict(flow, planMerges(flow)).tasks.values()];
  const victims = tasks.filter((task, place) => catchable.has(task.step) && place % 2 === 1);
  const timed = victims.at(-1);
  const waiting: Fault = tasks.length % 2 === 0 ? "slow" : "spin";
  const plan = Object.fromEntries(
    victims.map((task, place) => [task.task, { fault: task === timed ? waiting : (ways[place % ways.length] ?? "throw"), attempts: ALWAYS }]),
  );
  return { conditions: { failing: (task) => task in plan, catching: (step) => catchable.has(step) }, plan, timed: timed?.step };
}
