import { describe, expect, test } from "vitest";
import { stepNames, type Fault } from "./model.js";
import { ALWAYS, all, ShapeRun, type Plan } from "./shape-run.js";
import { shapes } from "./shapes.js";

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
    const { tasks } = await shape.results.status("Shape/1");
    expect(tasks.map((task) => [task.status, task.attempt])).toEqual(Array.from({ length: prediction.tasks.size }, () => ["done", 1]));
    expect(shape.completions).toEqual(new Map([...prediction.tasks.keys()].map((task) => [task, 1])));
  });

  test("a run that fails at each step in turn goes on from there, and no finished task runs again", async () => {
    await using shape = await ShapeRun.create(flow);
    const whole = shape.predict();
    const ways: readonly Fault[] = ["throw", "kill", "throw", "exit"];
    const toFail = new Set([...whole.tasks.values()].map((task) => task.step));
    // A run that fails in one branch has the others done, so their turn comes in a chain of runs of their own.
    for (let chain = 0; toFail.size > 0; chain++) {
      await shape.project.clearLedger();
      const keepGoing = chain % 2 === 0;
      let command = ["run", "flow.ts", keepGoing ? "--keep-going" : "--no-keep-going"];
      for (const step of stepNames(flow).filter((name) => toFail.has(name))) {
        const done = shape.completions;
        const candidates = [...whole.tasks.keys()].filter((task) => task.startsWith(`${step}/`) && !done.has(task));
        const victim = candidates[Math.floor(candidates.length / 2)];
        if (victim === undefined) continue;
        toFail.delete(step);
        await shape.millrace(1, command, { [victim]: { fault: ways[toFail.size % ways.length] ?? "throw", attempts: ALWAYS } });
        command = ["resume", "flow.ts"];

        const reachable = shape.predict({ failing: (task) => task === victim });
        const statuses = await shape.statuses("Shape/latest");
        if (keepGoing) expect(statuses).toEqual({ ...all(reachable.tasks.keys(), "done"), [victim]: "failed" });
        else expect({ ...all(reachable.tasks.keys(), "done"), [victim]: "failed" }).toMatchObject(statuses);
        expect(statuses[victim]).toBe("failed");
      }
      await shape.millrace(0, command);

      await shape.expectArtifacts("Shape/latest", whole);
      expect(shape.completions).toEqual(new Map([...whole.tasks.keys()].map((task) => [task, 1])));
      const status = await shape.results.status("Shape/latest");
      const ranNow = shape.project.ledger.filter((line) => line.startsWith("end ") && line.split(" ")[2] === status.pathspec.split("/")[1]);
      expect(status.tasks.filter((task) => !task.reused)).toHaveLength(ranNow.length);
    }
  });

  test("a caught failure, in whatever way, leaves its variable and nothing else", async () => {
    const ways: readonly Fault[] = ["throw", "kill", "throw", "exit", "unhandled"];
    const dry = await ShapeRun.create(flow);
    const { catchable } = dry;
    const victims = [...dry.predict().tasks.values()].filter((task, place) => catchable.has(task.step) && place % 2 === 1).map((task) => task.task);
    await dry[Symbol.asyncDispose]();

    const conditions = { failing: (task: string) => victims.includes(task), catching: (step: string) => catchable.has(step) };
    await using shape = await ShapeRun.create(flow, conditions, { catching: conditions.catching });
    const plan: Plan = Object.fromEntries(victims.map((task, place) => [task, { fault: ways[place % ways.length] ?? "throw", attempts: ALWAYS }]));
    await shape.millrace(0, ["run", "flow.ts"], plan);

    const prediction = shape.predict(conditions);
    expect([...prediction.tasks.values()].some((task) => task.caught)).toBe(catchable.size > 0);
    await shape.expectArtifacts("Shape/1", prediction);
    expect(await shape.statuses("Shape/1")).toEqual(all(prediction.tasks.keys(), "done"));
  });
});
