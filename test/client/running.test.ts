import { mkdir, writeFile } from "node:fs/promises";
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { Flow, Run, Task } from "../../src/client/index.js";
import { flowText } from "../rig/flow-text.js";
import { until } from "../rig/condition.js";
import { Project } from "../rig/project.js";

const slow = flowText({
  imports: "type Inputs",
  fields: "set!: string; n!: number; sum!: number;",
  steps: `
  @step start() { this.set = "by start"; this.next(this.body, { foreach: [0, 1] }); }
  @step async body(n: number) {
    console.log("begin", n);
    await gate("body " + n);
    console.log("end", n);
    this.n = n;
    this.next(this.join);
  }
  @step join(inputs: Inputs<this>) { this.sum = inputs.reduce((sum, input) => sum + input.n, 0); this.next(this.end); }
  @step end() {}`,
});

describe("a run at work", () => {
  test("is read as far as it is: status, tasks, artifacts, output; refresh looks again", async () => {
    await using project = await Project.create({ "flow.ts": slow });
    const options = { datastore: project.path(".millrace") };
    const command = project.start(["run", "flow.ts"]);
    await project.gates.reached("body 0");
    await project.gates.reached("body 1");
    project.gates.open("body 0");
    await until("body/0 is done", async () =>
      (await Run("Demo/1", options))
        .step("body")
        .tasks({ status: "done" })
        .count()
        .then((count) => count === 1),
    );
    // The lease tells of tasks at work within a second.
    await until("body/1 is seen at work", async () => (await (await Run("Demo/1", options)).step("body").counts()).running === 1);

    const run = await Run<{ set: string; n: number; sum: number }>("Demo/1", options);
    expect([run.status, run.finished, run.successful, run.finishedAt, run.durationMs]).toEqual(["running", false, false, undefined, undefined]);
    expect(await run.step("body").artifact("n").toArray()).toEqual([0]);
    expect(await (await run.step("start").task()).artifact("set")).toBe("by start");
    await expect(run.artifact("sum")).rejects.toMatchObject({ code: "task-unknown" });
    const [atWork] = await run.tasks({ status: "running" }).toArray();
    expect(atWork).toMatchObject({ pathspec: "Demo/1/body/1", status: "running", finished: false, finishedAt: undefined });
    expect(await atWork?.stdout()).toBe("begin 1\n");
    await expect(atWork?.artifact("n")).rejects.toMatchObject({ code: "task-running" });
    expect(await run.step("body").counts()).toEqual({ done: 1, failed: 0, running: 1, reused: 0 });

    project.gates.openAll();
    expect((await command.result).code).toBe(0);
    expect(run.status).toBe("running");
    expect(await run.step("body").counts()).toEqual({ done: 1, failed: 0, running: 1, reused: 0 });
    const now = await run.refresh();
    expect([now.status, await now.artifact("sum")]).toEqual(["done", 1]);
  });

  test("streams what a task prints until it is done", async () => {
    await using project = await Project.create({ "flow.ts": slow });
    const options = { datastore: project.path(".millrace") };
    const command = project.start(["run", "flow.ts"]);
    await project.gates.reached("body 1");
    await until("body/1 is seen at work", async () => (await (await Run("Demo/1", options)).step("body").counts()).running === 2);
    const lines: string[] = [];
    for await (const { text, stream } of (await Task("Demo/1/body/1", options)).follow()) {
      lines.push(`${stream} ${text}`);
      if (lines.length === 1) project.gates.open("body 1");
    }
    expect(lines).toEqual(["stdout begin 1", "stdout end 1"]);
    project.gates.openAll();
    expect((await command.result).code).toBe(0);
    const again: string[] = [];
    for await (const { text } of (await Task("Demo/1/body/1", options)).follow()) again.push(text);
    expect(again).toEqual(["begin 1", "end 1"]);
  });

  test("stops being followed when it is told to", async () => {
    await using project = await Project.create({ "flow.ts": slow });
    const options = { datastore: project.path(".millrace") };
    const command = project.start(["run", "flow.ts"]);
    await project.gates.reached("body 1");
    await until("body/1 is seen at work", async () => (await (await Run("Demo/1", options)).step("body").counts()).running === 2);
    const stop = new AbortController();
    const followed = (async () => {
      for await (const _ of (await Task("Demo/1/body/1", options)).follow({ signal: stop.signal })) stop.abort();
    })();
    await expect(followed).rejects.toMatchObject({ name: "AbortError" });
    project.gates.openAll();
    await command.result;
  });

  test("whose process was killed is lost, and what it did is read", async () => {
    await using project = await Project.create({ "flow.ts": slow });
    const options = { datastore: project.path(".millrace") };
    const command = project.start(["run", "flow.ts"]);
    await project.gates.reached("body 1");
    command.signal("SIGKILL");
    await command.result;
    const run = await Run("Demo/1", options);
    expect([run.status, run.finished]).toEqual(["lost", true]);
    expect(await (await run.step("start").task()).artifact("set")).toBe("by start");
    project.gates.openAll();
  });
});

const plain = flowText({ fields: "value!: number;", steps: "@step start() { this.value = 42; this.next(this.end); } @step end() {}" });

test("a step reads other runs where its own is kept", async () => {
  const reader = flowText({
    name: "Reader",
    head: 'import { Flow } from "millrace/client";\nimport Demo from "./flow.js";',
    fields: "seen!: number;",
    steps: `
    @step async start() { this.seen = await (await Flow(Demo).latestRun()).artifact("value"); this.next(this.end); }
    @step end() {}`,
  });
  await using project = await Project.create({ "flow.ts": plain, "reader.ts": reader });
  await project.expectMillrace(0, ["run", "flow.ts", "--datastore", "elsewhere"]);
  await project.expectMillrace(0, ["run", "reader.ts", "--datastore", "elsewhere"]);
  expect(await (await Flow("Reader", { datastore: project.path("elsewhere") }).latestRun()).artifact("seen")).toBe(42);
});

describe("the datastore is found", () => {
  const script = 'import { Flow } from "millrace/client"; console.log(await (await Flow("Demo").latestRun()).artifact("value"));';

  /** What a script prints, run in a folder. */
  function print(project: Project, folder: string, env: Readonly<Record<string, string>> = {}, source = script): string {
    const { MILLRACE_DATASTORE: _, ...own } = process.env;
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", source], {
      cwd: project.path(folder),
      env: { ...own, ...env },
      encoding: "utf8",
    });
    return stdout + stderr;
  }

  test("from every folder of the project", async () => {
    await using project = await Project.create({ "flow.ts": plain });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    await mkdir(project.path("deep/er"), { recursive: true });
    expect(print(project, ".")).toBe("42\n");
    expect(print(project, "deep/er")).toBe("42\n");
  });

  test("by the project's settings and by the environment, which wins", async () => {
    await using project = await Project.create({ "flow.ts": plain, "millrace.config.json": '{ "datastore": "kept" }' });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    await mkdir(project.path("sub"));
    expect(print(project, "sub")).toBe("42\n");
    expect(print(project, ".", { MILLRACE_DATASTORE: "nowhere" })).toContain("flow-unknown");
    await writeFile(project.path("millrace.config.json"), '{ "datastore": "other" }');
    expect(print(project, ".", { MILLRACE_DATASTORE: project.path("kept") })).toBe("42\n");
  });

  test("by a path or a URL, from anywhere", async () => {
    await using project = await Project.create({ "flow.ts": plain });
    await project.expectMillrace(0, ["run", "flow.ts", "--datastore", "kept"]);
    const named = (datastore: string): string => script.replace('"Demo"', `"Demo", { datastore: ${datastore} }`);
    expect(print(project, ".", {}, named('"kept"'))).toBe("42\n");
    expect(print(project, "node_modules", {}, named('"../kept"'))).toBe("42\n");
    expect(print(project, ".", {}, named(`new URL("file://${project.path("kept")}")`))).toBe("42\n");
    expect(print(project, ".", {}, named('"gs://bucket/runs"'))).toContain("datastore-unsupported");
  });
});
