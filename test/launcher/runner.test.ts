import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { Runner, type RunEvent } from "millrace/runner";
import type { CommandResult } from "../rig/command.js";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

const flow = flowText({
  imports: "parameter, current, type Inputs",
  fields: `alpha = parameter({ default: 0.5 }); names = parameter({ default: ["a"] }); note = parameter({ type: "json", default: {} });
  test = parameter({ default: false }); count = parameter({ type: "int", default: 2 }); doubled!: number; sum!: number; where!: string;`,
  steps: `
  @step start() { this.where = process.cwd(); console.log("from start"); this.next(this.body, { foreach: Array.from({ length: this.count }, (_, n) => n) }); }
  @step async body(n: number) {
    note("body " + n);
    if (process.env.GATE) await gate("body " + n);
    if (process.env.FAIL && n === 1) throw new RangeError("not " + n);
    this.doubled = n * 2 * this.alpha;
    this.next(this.join);
  }
  @step join(inputs: Inputs<this>) { this.sum = inputs.reduce((sum, input) => sum + input.doubled, 0); this.next(this.end); }
  @step end() {}`,
});

/** A runner whose processes are the project's. */
function runner(project: Project, env: Readonly<Record<string, string>> = {}, reference = "flow.ts"): Runner {
  return new Runner(reference, { cwd: project.root, env: { ...project.environment, ...env } });
}

/** Runs the project's own program.mjs, not the command. */
function runProgram(project: Project, ...args: readonly string[]): Promise<CommandResult> {
  return project.expectMillrace(0, ["program.mjs", ...args], { shell: 'node="$1"; shift 2; exec "$node" "$@"' });
}

async function collect(running: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of running) events.push(event);
  return events;
}

describe("run", () => {
  test("ends with the run, its status and its events, which can be iterated as they come, any number of times", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    const running = runner(project).run({ alpha: 2, count: 3 });
    const first = await collect(running);
    const { pathspec, status, failures, events } = await running;
    expect({ pathspec, status, failures }).toEqual({ pathspec: "Demo/1", status: "done", failures: [] });
    expect(first).toEqual(events);
    const { run } = await running;
    expect([
      run.pathspec,
      run.status,
      run.successful,
      await run
        .step("join")
        .task()
        .then((task) => task.artifact("sum")),
    ]).toEqual(["Demo/1", "done", true, 12]);
    expect(await collect(running)).toEqual(events);
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(["run-started", "task-started", "task-output", "task-done", "run-finished"]),
    );
    expect(events.at(0)).toMatchObject({ type: "run-started", parameters: { alpha: 2, count: 3 } });
    const results = new Results(project);
    expect(await results.artifact("Demo/1/join/0", "sum")).toBe(12);
    expect(await results.artifact("Demo/1/start/0", "where")).toBe(project.root);
  });

  test("events come while the run is at work", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    const running = runner(project, { GATE: "1" }).run({ count: 1 });
    for await (const event of running) {
      if (event.type === "task-started" && event.task.step === "body") project.gates.openAll();
    }
    expect((await running).status).toBe("done");
  });

  test("a flow that fails is a result, with the failure and its TypeScript line", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    const { status, failures } = await runner(project, { FAIL: "1" }).run();
    expect(status).toBe("failed");
    expect(failures).toMatchObject([
      { pathspec: "Demo/1/body/1", attempt: 0, failure: { name: "RangeError", message: "not 1", frames: [{ file: "flow.ts" }] } },
    ]);
  });

  test("nothing is printed unless it is asked for", async () => {
    await using project = await Project.create({
      "flow.ts": flow,
      "program.mjs": `import { Runner } from "millrace/runner";
        const { status } = await new Runner(new URL("flow.ts", import.meta.url)).run({}, { show: process.argv[2] === "show" });
        console.log("program: " + status);`,
    });
    const run = async (...args: readonly string[]): Promise<string> => (await runProgram(project, ...args)).all;
    expect(await run()).toBe("program: done\n");
    const shown = await run("show");
    expect(shown).toContain("from start");
    expect(shown).toMatch(/✓ Demo\/2 done in .*program: done/s);
  });

  test("a program that never awaits ends when its runs have", async () => {
    await using project = await Project.create({
      "flow.ts": flow,
      "program.mjs": `import { Runner } from "millrace/runner"; new Runner("flow.ts").run();`,
    });
    await runProgram(project);
    expect((await new Results(project).runs()).map(({ status }) => status)).toEqual(["done"]);
  });

  test("several at once do not get in each other's way", async () => {
    await using project = await Project.create({ "flow.ts": flow, "sub/other.ts": flow.replace("Demo", "Other").replace("./rig", "../rig") });
    const runs = [runner(project).run({ count: 1 }), runner(project).run({ count: 4 }), runner(project, {}, "sub/other.ts").run({ alpha: 3 })];
    const results = await Promise.all(runs);
    expect(results.map(({ status }) => status)).toEqual(["done", "done", "done"]);
    expect(results.map(({ pathspec }) => pathspec).toSorted()).toEqual(["Demo/1", "Demo/2", "Other/1"]);
    for (const { pathspec, events } of results) {
      expect(events.flatMap((event) => ("task" in event ? [event.task.pathspec] : [])).every((task) => task.startsWith(`${pathspec}/`))).toBe(true);
    }
    const sums = await Promise.all(results.map(({ pathspec }) => new Results(project).artifact(`${pathspec}/join/0`, "sum")));
    expect(sums).toEqual([0, 6, 6]);
  });
});

describe("in a program of one's own", () => {
  test("a run leaves no timer, socket or process of its own, and no listener", async () => {
    await using project = await Project.create({
      "flow.ts": flow,
      "program.mjs": `import { Runner } from "millrace/runner";
        const state = () => JSON.stringify([process.eventNames(), process.cwd()]);
        const open = () => process.getActiveResourcesInfo().filter((type) => type !== "Immediate" && type !== "CloseReq").length;
        // The program's own standard streams come to be when they are first touched.
        const [before, opened] = [state(), [process.stdout, process.stderr, open()].at(-1)];
        await Promise.all([new Runner("flow.ts").run(), new Runner("flow.ts").run()]);
        // Processes that were told to end are gone a moment later.
        while (open() > opened) await new Promise(setImmediate);
        console.log(state() === before ? "as before" : before + " became " + state());`,
    });
    expect((await runProgram(project)).all).toBe("as before\n");
  });

  test("the program's own esbuild goes on working", async () => {
    await using project = await Project.create(
      {
        "flow.ts": flow,
        "program.mjs": `import { context } from "esbuild";
          import { Runner } from "millrace/runner";
          const own = await context({ entryPoints: ["flow.ts"], write: false, bundle: true, packages: "external", logLevel: "silent" });
          await new Runner("flow.ts").run();
          const { outputFiles } = await own.rebuild();
          await own.dispose();
          console.log(outputFiles.length);`,
      },
      { packages: ["esbuild"] },
    );
    expect((await runProgram(project)).all).toBe("1\n");
  });

  test("a program that is killed takes the tasks with it, and the run can be resumed", async () => {
    await using project = await Project.create({
      "flow.ts": flow,
      "program.mjs": `import { Runner } from "millrace/runner"; await new Runner("flow.ts").run();`,
    });
    const program = project.start(["program.mjs"], { shell: 'node="$1"; shift 2; exec "$node" "$@"', env: { GATE: "1" } });
    await project.gates.reached("body 0");
    program.signal("SIGKILL");
    await project.untilNoneLeft();
    expect((await new Results(project).runs()).map(({ status }) => status)).toEqual(["lost"]);
    expect((await runner(project).resume()).status).toBe("done");
  });
});

describe("parameters", () => {
  test("are values: a text is a text, JSON stays as it is", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    const { events } = await runner(project).run({ note: "5", names: ["x", "1"], alpha: Number.POSITIVE_INFINITY, test: undefined });
    expect(events.at(0)).toMatchObject({ parameters: { note: "5", names: ["x", "1"], alpha: "Infinity", test: false } });
    expect(await new Results(project).artifact("Demo/1/end/0", "note")).toBe("5");
  });

  test.each([
    [{ alhpa: 1 }, "unknown-parameter", /run\(\{ alhpa \}\) gives alhpa/],
    [{ alpha: "0.5" }, "bad-parameter-value", /run\(\{ alpha \}\) is '0.5', but alpha takes a number/],
    [{ count: 1.5 }, "bad-parameter-value", /whole number/],
    [{ test: "true" }, "bad-parameter-value", /true or false/],
    [{ note: new Map() }, "bad-parameter-value", /JSON/],
    [{ note: { deep: [undefined] } }, "bad-parameter-value", /JSON/],
    [{ note: 1n }, "bad-parameter-value", /JSON/],
  ])("%o is refused before anything starts: %s", async (parameters, code, message) => {
    await using project = await Project.create({ "flow.ts": flow });
    await expect(runner(project).run(parameters)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(await new Results(project).runs()).toEqual([]);
  });

  test("that are not given come from the environment and the project's file", async () => {
    await using project = await Project.create({ "flow.ts": flow, "millrace.config.json": '{ "parameters": { "Demo": { "alpha": 4 } } }' });
    const { events } = await runner(project, { MILLRACE_RUN_COUNT: "1" }).run();
    expect(events.at(0)).toMatchObject({ parameters: { alpha: 4, count: 1 } });
  });
});

describe("what keeps a run from starting rejects", () => {
  test.each([
    ["missing.ts", {}, "flow-file-missing"],
    ["broken.ts", {}, "flow-syntax"],
    ["bad.ts", {}, "flow-definition-problems"],
    ["flow.ts", { maxWorkers: 0 }, "bad-option-value"],
    ["flow.ts", { maxworkers: 2 }, "runner-option-unknown"],
  ])("%s %o: %s", async (file, options: object, code) => {
    await using project = await Project.create({
      "flow.ts": flow,
      "broken.ts": "export default class {",
      "bad.ts": flow.replace("this.next(this.end)", "this.next(this.nothere)"),
    });
    const running = runner(project, {}, file).run({}, options);
    await expect(collect(running)).rejects.toMatchObject({ code });
    await expect(running).rejects.toMatchObject({ code });
  });

  test("the problems of a graph are all told, with their places", async () => {
    await using project = await Project.create({ "flow.ts": flow.replace("this.next(this.end)", "this.next(this.nothere)") });
    await expect(runner(project).run()).rejects.toThrow(/flow\.ts:\d+:\d+: .*nothere/);
  });
});

describe("stopping", () => {
  test("an aborted signal is as Ctrl-C: what runs is stopped, and resume goes on from there", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    const controller = new AbortController();
    const running = runner(project, { GATE: "1" }).run({ count: 2 }, { signal: controller.signal, maxWorkers: 1 });
    await project.gates.reached("body 0");
    controller.abort();
    expect((await running).status).toBe("interrupted");
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    const resumed = await runner(project).resume();
    expect(resumed).toMatchObject({ pathspec: "Demo/2", status: "done" });
    expect(resumed.events).toContainEqual(expect.objectContaining({ type: "tasks-reused", step: "start", count: 1 }));
  });

  test("a signal that is aborted already starts nothing", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    await expect(runner(project).run({}, { signal: AbortSignal.abort(new Error("no")) })).rejects.toThrow("no");
    expect(await new Results(project).runs()).toEqual([]);
  });

  test("a run that goes out of scope ends at once", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    {
      await using running = runner(project, { GATE: "1" }).run({ count: 1 });
      void running;
      await project.gates.reached("body 0");
    }
    expect((await new Results(project).runs()).map(({ status }) => status)).toEqual(["interrupted"]);
    expect(project.processes).toEqual([]);
  });

  test("leaving the events does not stop the run", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    const running = runner(project).run();
    for await (const event of running) if (event.type === "run-started") break;
    expect((await running).status).toBe("done");
  });
});

describe("resume", () => {
  test("takes the run to go on from, and the step", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    expect((await runner(project, { FAIL: "1" }).run({ alpha: 2 })).status).toBe("failed");
    expect(await runner(project).resume({ originRunId: 1 })).toMatchObject({ pathspec: "Demo/2", status: "done" });
    expect(await runner(project).resume({ originRunId: "2" })).toMatchObject({ pathspec: "Demo/2", alreadyDone: true, events: [] });
    const again = await runner(project).resume({ originRunId: "Demo/2", step: "join", tags: ["again"] });
    expect(again).toMatchObject({ pathspec: "Demo/3", status: "done" });
    expect((await new Results(project).status("Demo/3")).tags).toEqual(["again"]);
    expect(await new Results(project).artifact("Demo/3/join/0", "sum")).toBe(4);
  });

  test("of a run or a step that is not there says so", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    await expect(runner(project).resume()).rejects.toMatchObject({ code: "resume-nothing" });
    await runner(project, { FAIL: "1" }).run();
    await expect(runner(project).resume({ originRunId: 7 })).rejects.toMatchObject({ code: "run-unknown" });
    await expect(runner(project).resume({ originRunId: "x" })).rejects.toMatchObject({ code: "bad-option-value" });
    await expect(runner(project).resume({ step: "jion" })).rejects.toMatchObject({ code: "resume-step-unknown" });
  });
});

describe("spin", () => {
  test("runs one task again, with other values, and tells what changed", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    await runner(project, { FAIL: "1" }).run({ alpha: 2 });
    const fixed = await runner(project).spin("body/1", { set: { alpha: 5, input: 7 } });
    expect(fixed).toMatchObject({
      pathspec: "Demo/1-spin-1",
      status: "done",
      changes: [{ name: "doubled", change: "new" }],
    });
    expect(
      await fixed.run
        .step("body")
        .task("1")
        .then((task) => task.artifact("doubled")),
    ).toBe(70);
    expect((await runner(project, { FAIL: "1" }).spin("Demo/1/body", { code: "recorded" })).failures).toMatchObject([
      { pathspec: "Demo/1-spin-2/body/1", failure: { message: "not 1" } },
    ]);
    expect((await new Results(project).runs()).map(({ pathspec }) => pathspec)).toEqual(["Demo/1"]);
  });

  test("with the recorded code needs a short pathspec's flow from the file", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    await runner(project).run();
    await project.write({ "flow.ts": flow.replace("n * 2 * this.alpha", "-1") });
    const changed = await runner(project).spin("body/1");
    expect(changed.changes).toContainEqual({ name: "doubled", change: "different" });
    const same = await runner(project).spin("body/1", { code: "recorded" });
    expect(same.changes).toContainEqual({ name: "doubled", change: "same" });
    expect(same.events.at(0)).toMatchObject({ spin: { task: "Demo/1/body/1", code: "recorded" } });
  });

  test("of what is not there rejects", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    await runner(project).run();
    await expect(runner(project).spin("body")).rejects.toMatchObject({ code: "spin-ambiguous" });
    await expect(runner(project).spin("body/9")).rejects.toMatchObject({ code: "task-unknown" });
    await expect(runner(project).spin("body/0", { set: { alhpa: 1 } })).rejects.toMatchObject({ code: "spin-name-unknown" });
    const misspelt: object = { sett: {} };
    await expect(runner(project).spin("body/0", misspelt)).rejects.toMatchObject({ code: "runner-option-unknown" });
  });
});
