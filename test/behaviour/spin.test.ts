import { readdir, readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { flowText, lineOf } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

const source = flowText({
  imports: "parameter, retry, catchError, current, type Inputs",
  fields: `alpha = parameter({ default: 2 }); seed = Math.random(); base = 10; rows!: { id: number }[]; one!: number; text!: string; total!: number; seen!: unknown; round!: number; by!: string; err!: unknown;`,
  steps: `
  @step start() { this.rows = [{ id: 1 }, { id: 2 }, { id: 3 }]; this.text = "hi"; this.next(this.body, { foreach: this.rows, label: (row) => "row " + row.id }); }
  @step body(row: { id: number }) {
    this.one = row.id * this.alpha + this.base;
    this.seen = { row, index: this.index, stack: this.foreachStack(), text: this.text, seed: this.seed, retries: current.retryCount, run: current.runId, origin: current.originRunId };
    note("body " + row.id);
    if (row.id === Number(process.env.FAIL)) throw new RangeError("not " + row.id);
    this.next(this.join);
  }
  @step join(inputs: Inputs<this>) { this.total = inputs.reduce((sum, input) => sum + input.one, 0); this.mergeArtifacts(inputs, { include: ["text", "rows"] }); this.next(this.left, this.right); }
  @step left() { this.by = "left"; this.next(this.meet); }
  @step right() { this.by = "right"; this.next(this.meet); }
  @step meet(inputs: Inputs<this>) { this.seen = [inputs.left.by, inputs.right.by, inputs.map((input) => input.text + input.total)]; this.round = 0; this.next(this.refine); }
  @step refine() { this.round++; if (this.round < 3) this.next(this.refine); else this.next(this.end); }
  @step @retry({ times: 1, delay: "0s" }) @catchError({ var: "err" }) end() { note("end " + current.retryCount); if (process.env.FAIL === "end") throw new Error("at the end"); }`,
});

const fixed = source.replace('throw new RangeError("not " + row.id)', "this.one = -1");

async function ran(env: Readonly<Record<string, string>> = {}, code = 0): Promise<Project> {
  const project = await Project.create({ "flow.ts": source });
  await project.expectMillrace(code, ["run", "flow.ts"], { env });
  await project.clearLedger();
  return project;
}

const artifact = (project: Project, task: string, name: string): Promise<unknown> => new Results(project).artifact(task, name);

/** Every file of the run but its spins, with its content. */
async function filesOf(project: Project, run: string): Promise<Readonly<Record<string, string>>> {
  const folder = project.path(".millrace/flows", run);
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(
    (entry) => entry.isFile() && !entry.parentPath.includes("spins"),
  );
  return Object.fromEntries(await Promise.all(names.map(async (entry) => [entry.name, await readFile(`${entry.parentPath}/${entry.name}`, "utf8")])));
}

describe("spin runs one task again", () => {
  test("that failed, with the code of today, on what it started from; the run stays as it was", async () => {
    await using project = await ran({ FAIL: "2" }, 1);
    const before = await filesOf(project, "Demo/1");
    const seen = await artifact(project, "Demo/1/body/1", "seen");
    await project.write({ "flow.ts": fixed });
    const result = await project.expectMillrace(0, ["spin", "flow.ts", "body/1"], { env: { FAIL: "2" } });
    expect(result.stdout).toContain("Demo/1/body/1 once more, with the code of today");
    expect(result.stdout).toMatch(/~ one +-1\n +before: 14\n/);
    expect(result.stdout).toMatch(/~ seen /);
    expect(project.ledger).toEqual(["body 2"]);
    expect(await artifact(project, "Demo/1-spin-1/body/1", "one")).toBe(-1);
    expect(await artifact(project, "Demo/1-spin-1/body/1", "seen")).toEqual({ ...(seen as object), run: "1-spin-1", origin: "1" });
    expect(seen).toMatchObject({
      row: { id: 2 },
      index: 1,
      text: "hi",
      retries: 0,
      run: "1",
      stack: [{ step: "start", index: 1, count: 3, item: { id: 2 } }],
    });
    expect(await filesOf(project, "Demo/1")).toEqual(before);
    expect((await new Results(project).runs()).map(({ pathspec }) => pathspec)).toEqual(["Demo/1"]);
  });

  test("that fails again: code frame and line, exit code 1, and its state to dump", async () => {
    await using project = await ran({ FAIL: "2" }, 1);
    const result = await project.expectMillrace(1, ["spin", "flow.ts", "Demo/1/body"], { env: { FAIL: "2" } });
    expect(result.stdout).toContain("RangeError: not 2");
    expect(result.stdout).toContain(`flow.ts:${lineOf(source, "throw new RangeError")}:`);
    expect(result.stdout).toContain("look at it  millrace dump Demo/1-spin-1/body/1");
    expect(result.stdout).toContain("beside Demo/1/body/1, as it was when it failed");
    expect(await artifact(project, "Demo/1-spin-1/body/1", "one")).toBe(14);
    expect((await new Results(project).status("Demo/1-spin-1")).status).toBe("failed");
    const status = await project.expectMillrace(0, ["status", "Demo/1-spin-1"]);
    expect(status.stdout).toContain("not 2");
    expect(status.stdout).toMatch(/spin of +Demo\/1\/body\/1\n/);
    expect(status.stdout).toContain("its state   millrace dump Demo/1-spin-1/body/1");
    expect(status.stdout).not.toMatch(/resume|^join/m);
  });

  test("of every kind: first, joins with their inputs, rounds of a loop, the last", async () => {
    await using project = await ran();
    const results = new Results(project);
    for (const task of ["start/0", "body/2", "join/0", "left/0", "meet/0", "refine/0", "refine/~2", "end/0"]) {
      const { all } = await project.expectMillrace(0, ["spin", "flow.ts", task, "--json"]);
      const events = all
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { readonly type: string; readonly results?: string });
      const now = await results.dump(events.at(-1)?.results ?? "");
      const was = await results.dump(`Demo/1/${task}`);
      // What tells the run from the spin is the only difference.
      expect(JSON.stringify(Object.values(now)).replaceAll(/"run":"[^"]*","origin":(?:\{[^}]*\}|"1")/g, "")).toBe(
        JSON.stringify(Object.values(was)).replaceAll(/"run":"[^"]*","origin":(?:\{[^}]*\}|"1")/g, ""),
      );
    }
  });

  test("that was interrupted, or whose run was killed, and so left nothing", async () => {
    const gated = source
      .replace('note("body " + row.id);', 'if (process.env.GATE) await gate("body " + row.id);')
      .replace("@step body(", "@step async body(");
    for (const signal of ["SIGINT", "SIGKILL"] as const) {
      await using project = await Project.create({ "flow.ts": gated });
      const run = project.start(["run", "flow.ts", "--max-workers", "1"], { env: { GATE: "1" } });
      await project.gates.reached("body 1");
      run.signal(signal);
      await run.result;
      await project.untilNoneLeft();
      await project.expectMillrace(0, ["spin", "flow.ts", "body/0"]);
      expect(await artifact(project, "Demo/1-spin-1/body/0", "one")).toBe(12);
      // Its turn had not come, and yet all is there that it starts from.
      await project.expectMillrace(0, ["spin", "flow.ts", "body/2"]);
      const { all } = await project.expectMillrace(1, ["spin", "flow.ts", "join"]);
      expect(all).toContain("spin-not-started");
    }
  });

  test("of a resumed run, also one that an earlier run did", async () => {
    await using project = await ran({ FAIL: "2" }, 1);
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    for (const task of ["body/0", "body/1", "join/0"]) await project.expectMillrace(0, ["spin", "flow.ts", `Demo/2/${task}`]);
    expect(await artifact(project, "Demo/2-spin-1/body/0", "one")).toBe(12);
    expect(await artifact(project, "Demo/2-spin-2/body/1", "seen")).toMatchObject({ seed: await artifact(project, "Demo/1/body/0", "seed") });
    expect(await artifact(project, "Demo/2-spin-3/join/0", "total")).toBe(42);
  });

  test("once: retries and caught errors do not act, and that is said", async () => {
    await using project = await ran();
    const { stdout } = await project.expectMillrace(1, ["spin", "flow.ts", "end"], { env: { FAIL: "end" } });
    expect(stdout).toContain("A spin runs end once and shows its error: @retry and @catchError do not act.");
    expect(project.ledger).toEqual(["end 0"]);
  });

  test("on this machine, also of a step that runs elsewhere, and that is said", async () => {
    await using project = await ran();
    await project.write({ "flow.ts": source.replace("retry, ", "retry, slurm, ").replace("@step left()", "@step @slurm left()") });
    const { stdout } = await project.expectMillrace(0, ["spin", "flow.ts", "left"]);
    expect(stdout).toContain("A spin runs left on this machine: @slurm does not act.");
    expect(stdout).toContain("Demo/1-spin-1 done");
  });

  test("several at once get ids of their own", async () => {
    await using project = await ran();
    await Promise.all([1, 2, 3].map(() => project.expectMillrace(0, ["spin", "flow.ts", "left"])));
    expect((await readdir(project.path(".millrace/flows/Demo/1/spins"))).toSorted()).toEqual(["1", "2", "3"]);
  });

  test("and Ctrl-C ends it", async () => {
    await using project = await Project.create({
      "flow.ts": source.replace("@step left() {", '@step async left() { if (process.env.GATE) await gate("left");'),
    });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    const spin = project.start(["spin", "flow.ts", "left"], { env: { GATE: "1" } });
    await project.gates.reached("left");
    spin.signal("SIGINT");
    expect((await spin.result).code).toBe(130);
    expect((await new Results(project).status("Demo/1-spin-1")).status).toBe("interrupted");
  });
});

describe("the recorded code", () => {
  test("runs with --code recorded, and when no flow is given", async () => {
    await using project = await ran({ FAIL: "2" }, 1);
    await project.write({ "flow.ts": fixed });
    for (const args of [["flow.ts", "body/1", "--code", "recorded"], ["Demo/1/body/1"], ["flow.ts", "Demo/latest/body", "--code", "recorded"]]) {
      const { stdout } = await project.expectMillrace(1, ["spin", ...args], { env: { FAIL: "2" } });
      expect(stdout).toContain("with the code that its run recorded");
      expect(stdout).toContain("RangeError: not 2");
    }
    // The file itself may be gone.
    await project.write({ "flow.ts": "this is no flow" });
    await project.expectMillrace(0, ["spin", "Demo/1/body/1"]);
    const { all } = await project.expectMillrace(2, ["spin", "Demo/1/body/1", "--code", "today"]);
    expect(all).toContain("spin needs a flow's file");
  });
});

describe("--set", () => {
  test.each([
    ["left", ["--set", 'text="ho"'], "text", "ho"],
    ["body/1", ["--set", "alpha=5"], "one", 20],
    ["body/1", ["--set", "base=0"], "one", 4],
    ["body/1", ["--set", 'input={"id":7}'], "one", 24],
    ["join", ["--set", "body/1.one=100", "--set", "body/2.one=0"], "total", 112],
    ["meet", ["--set", 'right.by="R"', "--set", "left.total=0"], "seen", ["left", "R", ["hi0", "hi42"]]],
    ["refine/~1", ["--set", "round=7"], "round", 8],
    ["start", ["--set", "alpha=3"], "alpha", 3],
  ])("%s %j: %s", async (task, args, name, value) => {
    await using project = await ran();
    await project.expectMillrace(0, ["spin", "flow.ts", task, ...args, "--quiet"]);
    const [artifacts] = Object.values(await new Results(project).dump(`Demo/1-spin-1`));
    expect(artifacts?.[name]).toEqual(value);
  });

  test("values reach what the join hands on, and the spin's own record alone", async () => {
    await using project = await ran();
    await project.expectMillrace(0, ["spin", "flow.ts", "join", ...[0, 1, 2].flatMap((task) => ["--set", `body/${task}.text="ho"`])]);
    expect(await artifact(project, "Demo/1-spin-1/join/0", "text")).toBe("ho");
    expect(await artifact(project, "Demo/1/join/0", "text")).toBe("hi");
  });

  test.each([
    ["left", "txet=1", "spin-name-unknown", "Did you mean text?"],
    ["join", "one=1", "spin-input-unnamed", "body/0.one, body/1.one, body/2.one"],
    ["join", "body/1.oen=1", "spin-name-unknown", "Did you mean one?"],
    ["left", "text=ho", "bad-option-value", "--set 'text=\"text\"'"],
    ["left", "text", "bad-option-value", "NAME=JSON"],
    ["left", 'alpha="x"', "bad-parameter-value", "alpha takes a number"],
  ])("%s --set %s: %s", async (task, set, code, says) => {
    await using project = await ran();
    const { all } = await project.expectMillrace(2, ["spin", "flow.ts", task, "--set", set]);
    expect(all).toContain(code);
    expect(all).toContain(says);
    expect(project.ledger).toEqual([]);
  });
});

describe("what is said when there is nothing to spin", () => {
  test.each([
    [["flow.ts"], "argument-missing", "spin needs the task to run again"],
    [["flow.ts", "body"], "spin-ambiguous", "Demo/1/body has 3 tasks"],
    [["flow.ts", "bdoy"], "task-unknown", "Did you mean Demo/1/body"],
    [["flow.ts", "body/11"], "task-unknown", "Demo/1/body/11"],
    [["flow.ts", "Demo/7/body/1"], "run-unknown", "Demo"],
    [["flow.ts", "Other/1/body/1"], "spin-other-flow", "Other/1/body/1 is no task of Demo"],
    [["flow.ts", "Demo/1"], "pathspec-too-short", "Demo/1"],
    [["flow.ts", "Demo/1/body/1/one"], "pathspec-too-long", "Demo/1/body/1"],
    [["flow.ts", "1/body/1/one"], "pathspec-too-long", "Demo/1/body/1"],
    [["flow.ts", "body/1", "--code", "old"], "bad-option-value", "today or recorded"],
    [["missing.ts", "body/1"], "flow-file-missing", "missing.ts"],
  ])("%j: %s", async (args, code, says) => {
    await using project = await ran();
    const result = await project.millrace(["spin", ...args]);
    expect(result.code).toBeGreaterThan(0);
    expect(result.all).toContain(code);
    expect(result.all).toContain(says);
  });

  test("the task of a spin, and a step that is gone", async () => {
    await using project = await ran();
    await project.expectMillrace(0, ["spin", "flow.ts", "left"]);
    expect((await project.expectMillrace(2, ["spin", "flow.ts", "Demo/1-spin-1/left"])).all).toContain("Spin the task of the run again: Demo/1/left");
    await project.write({
      "flow.ts": source.replaceAll("this.left", "this.port").replace("@step left()", "@step port()").replace("inputs.left", "inputs.port"),
    });
    expect((await project.expectMillrace(1, ["spin", "flow.ts", "left"])).all).toContain("Demo has no step left any more");
  });

  test("a step that takes something else now", async () => {
    const steps = (start: string, mid: string, last: string): string =>
      flowText({ imports: "type Inputs", fields: "n!: number;", steps: `@step start() { ${start} } @step ${mid} @step ${last} @step end() {}` });
    const plain = steps("this.next(this.mid);", "mid() { this.next(this.last); }", "last() { this.next(this.end); }");
    const wide = steps(
      "this.next(this.mid, { foreach: [1] });",
      "mid(n: number) { this.n = n; this.next(this.last); }",
      "last(inputs: Inputs<this>) { this.next(this.end); }",
    );
    await using project = await Project.create({ "flow.ts": plain });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    await project.write({ "flow.ts": wide });
    expect((await project.expectMillrace(1, ["spin", "flow.ts", "mid"])).all).toContain(
      "mid took nothing in Demo/1, and takes an item in the code of today",
    );
    expect((await project.expectMillrace(1, ["spin", "flow.ts", "last"])).all).toContain("takes inputs to join");
    await project.expectMillrace(0, ["spin", "flow.ts", "end"]);
    await project.expectMillrace(0, ["spin", "flow.ts", "mid", "--code", "recorded"]);
  });
});
