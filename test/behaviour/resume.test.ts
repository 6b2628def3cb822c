import { cp, readdir, rm } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Results, shortTask } from "../rig/results.js";

/** start → body × 4 → join → end; FAIL names a step or task that fails. */
const flow = flowText({
  imports: "parameter, type Inputs",
  fields: "alpha = parameter({ default: 1 }); one!: number; total!: number;",
  steps: `
  @step start() { this.visit(); this.next(this.body, { foreach: [1, 2, 3, 4] }); }
  @step body(n: number) { this.visit(); this.one = n * this.alpha; this.next(this.join); }
  @step join(inputs: Inputs<this>) { this.visit(); this.total = inputs.reduce((sum, input) => sum + input.one, 0); this.next(this.end); }
  @step end() { this.visit(); }
  visit(): void { if (process.env.FAIL?.split(",").includes(here())) throw new Error("asked to"); note(here()); }`,
});

const WHOLE = ["start/0", "body/0", "body/1", "body/2", "body/3", "join/0", "end/0"];

async function failedAt(tasks: string, source = flow): Promise<Project> {
  const project = await Project.create({ "flow.ts": source });
  await project.expectMillrace(1, ["run", "flow.ts", "--alpha", "3", "--keep-going"], { env: { FAIL: tasks } });
  return project;
}

describe("resume", () => {
  test("runs what did not finish, with the parameters the run had, and refers to the rest", async () => {
    await using project = await failedAt("body/1,body/3");
    expect(project.ledger.toSorted()).toEqual(["body/0", "body/2", "start/0"]);
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    expect(project.ledger.slice(3).toSorted()).toEqual(["body/1", "body/3", "end/0", "join/0"]);
    const results = new Results(project);
    const status = await results.status("Demo/2");
    expect(status).toMatchObject({ status: "done", parameters: { alpha: 3 } });
    expect(JSON.stringify(status.origin)).toContain("1");
    expect(Object.fromEntries(status.tasks.map((task) => [shortTask(task.pathspec), task.reused]))).toEqual({
      "start/0": true,
      "body/0": true,
      "body/1": false,
      "body/2": true,
      "body/3": false,
      "join/0": false,
      "end/0": false,
    });
    expect(await results.artifact("Demo/2/end/0", "total")).toBe(30);
    expect(await results.artifact("Demo/2/body/0", "one")).toBe(3);
    expect((await results.status("Demo/1")).status).toBe("failed");
  });

  test("of a resumed run goes on from the newest, and reuses across both", async () => {
    await using project = await failedAt("body/1,body/3");
    await project.expectMillrace(1, ["resume", "flow.ts"], { env: { FAIL: "body/3" } });
    await project.expectMillrace(1, ["resume", "flow.ts"], { env: { FAIL: "join/0" } });
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    expect(project.ledger.toSorted()).toEqual(WHOLE.toSorted());
    const results = new Results(project);
    expect((await results.status("Demo/4")).tasks.filter((task) => task.reused)).toHaveLength(5);
    expect(await results.artifact("Demo/4/end/0", "total")).toBe(30);
    expect(await results.artifact("Demo/latest/join/0", "total")).toBe(30);
  });

  test("--origin-run-id goes on from an older run", async () => {
    await using project = await failedAt("join/0");
    await project.expectMillrace(1, ["run", "flow.ts", "--alpha", "7"], { env: { FAIL: "start/0" } });
    await project.expectMillrace(0, ["resume", "flow.ts", "--origin-run-id", "1"]);
    expect(await new Results(project).artifact("Demo/3/end/0", "total")).toBe(30);
    expect(project.ledger.toSorted()).toEqual(WHOLE.toSorted());
    expect((await project.expectMillrace(1, ["resume", "flow.ts", "--origin-run-id", "99"])).all).toMatch(/99/);
  });

  test("STEP runs that step and all after it again, and nothing before", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    await project.expectMillrace(0, ["resume", "flow.ts", "join"]);
    expect(project.ledger.slice(7)).toEqual(["join/0", "end/0"]);
    await project.expectMillrace(0, ["resume", "flow.ts", "body"]);
    expect(project.ledger.slice(9).toSorted()).toEqual(["body/0", "body/1", "body/2", "body/3", "end/0", "join/0"]);
    await project.expectMillrace(0, ["resume", "flow.ts", "start"]);
    expect(project.ledger.slice(15).toSorted()).toEqual(WHOLE.toSorted());
    const wrong = await project.expectMillrace(2, ["resume", "flow.ts", "boddy"]);
    expect(wrong.all).toMatch(/boddy/);
    expect(wrong.all).toMatch(/\bbody\b/);
  });

  test("STEP in a run that broke earlier runs what is missing too", async () => {
    await using project = await failedAt("body/1");
    await project.expectMillrace(0, ["resume", "flow.ts", "join"]);
    expect(project.ledger.toSorted()).toEqual(WHOLE.toSorted());
  });

  test("of a run that is done says so and does nothing", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    const { all } = await project.expectMillrace(0, ["resume", "flow.ts"]);
    expect(all).toMatch(/Demo\/1/);
    expect(all).toMatch(/done|finished|nothing/i);
    expect(await new Results(project).runs()).toHaveLength(1);
    expect(project.ledger).toHaveLength(7);
  });

  test("without an earlier run says so", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    const { all } = await project.expectMillrace(2, ["resume", "flow.ts"]);
    expect(all).toContain("Demo");
    expect(all).toContain("millrace run");
  });

  test("goes on with changed code", async () => {
    await using project = await failedAt("join/0");
    await project.write({ "flow.ts": flow.replace("sum + input.one, 0", "sum + input.one, 1000") });
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    expect(await new Results(project).artifact("Demo/2/end/0", "total")).toBe(1030);
    expect(project.ledger.toSorted()).toEqual(WHOLE.toSorted());
  });

  test("goes on with a step renamed: the new one runs, what did not change is reused", async () => {
    await using project = await failedAt("join/0");
    await project.write({ "flow.ts": flow.replace("@step body(n", "@step work(n").replace("this.body,", "this.work,") });
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    // start is the same step still, so what it did holds; whether it must run again for its new target is its own affair.
    expect(
      project.ledger
        .slice(5)
        .filter((task) => task !== "start/0")
        .toSorted(),
    ).toEqual(["end/0", "join/0", "work/0", "work/1", "work/2", "work/3"]);
    expect(await new Results(project).artifact("Demo/2/end/0", "total")).toBe(30);
  });

  test("goes on with a step added before the failure, and with more items when the split runs again", async () => {
    await using project = await failedAt("end/0");
    await project.write({ "flow.ts": flow.replace("[1, 2, 3, 4]", "[1, 2, 3, 4, 5]") });
    await project.expectMillrace(0, ["resume", "flow.ts", "start"]);
    expect(await new Results(project).artifact("Demo/2/end/0", "total")).toBe(45);
    const inserted = flow
      .replace("this.next(this.end)", "this.next(this.extra)")
      .replace("@step end()", "@step extra() { this.visit(); this.total += 0.5; this.next(this.end); }\n  @step end()");
    await project.write({ "flow.ts": inserted });
    await project.clearLedger();
    await project.expectMillrace(0, ["resume", "flow.ts", "end", "--origin-run-id", "2"]);
    expect(project.ledger).toContain("end/0");
    expect(project.ledger).not.toContain("start/0");
  });

  test("goes on when the code has gained a parameter: its default holds, or what is given", async () => {
    await using project = await failedAt("join/0");
    const gained = flow
      .replace("alpha = parameter({ default: 1 });", 'alpha = parameter({ default: 1 }); beta = parameter({ default: 5 }); extra = ["new field"];')
      .replace("sum + input.one, 0", "sum + input.one, this.beta + this.extra.length");
    await project.write({ "flow.ts": gained });
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    const results = new Results(project);
    expect(await results.artifact("Demo/2/end/0", "total")).toBe(36);
    expect((await results.status("Demo/2")).parameters).toEqual({ alpha: 3, beta: 5 });
  });

  test("goes on when the code has lost a parameter", async () => {
    await using project = await failedAt("join/0");
    await project.write({ "flow.ts": flow.replace("alpha = parameter({ default: 1 });", "").replace("n * this.alpha", "n") });
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    expect(await new Results(project).artifact("Demo/2/end/0", "total")).toBe(30);
  });

  test("refuses parameters, and says that they are the origin's", async () => {
    await using project = await failedAt("join/0");
    const { all } = await project.expectMillrace(2, ["resume", "flow.ts", "--alpha", "9"]);
    expect(all).toContain("--alpha");
  });

  test("RUN goes on with the code that the run recorded, no checkout needed", async () => {
    const source = flow
      .replace('from "./rig.js";', 'from "./rig.js";\nimport { OFFSET } from "./lib/offset.ts";')
      .replace("sum + input.one, 0", "sum + input.one, OFFSET");
    await using project = await Project.create({ "flow.ts": source, "lib/offset.ts": "export const OFFSET = 100;\n" });
    await project.expectMillrace(1, ["run", "flow.ts", "--alpha", "3"], { env: { FAIL: "join/0" } });
    for (const file of ["flow.ts", "rig.ts", "lib/offset.ts"]) await rm(project.path(file));
    await project.expectMillrace(0, ["resume", "Demo/1"]);
    expect(await new Results(project).artifact("Demo/2/end/0", "total")).toBe(130);
  });

  test("needs nothing but the datastore: another project goes on from a copy of it", async () => {
    await using project = await failedAt("join/0");
    await using elsewhere = await Project.create({});
    await cp(project.path(".millrace"), elsewhere.path("copied"), { recursive: true });
    expect((await elsewhere.expectMillrace(0, ["status", "Demo/1", "--datastore", "copied"])).stdout).toContain("join");
    await elsewhere.expectMillrace(0, ["resume", "Demo/latest", "--datastore", "copied"]);
    expect(elsewhere.ledger).toEqual(["join/0", "end/0"]);
    expect((await elsewhere.expectMillrace(0, ["dump", "Demo/2/end/0/total", "--json", "--datastore", "copied"])).stdout).toContain("30");
    expect(await new Results(project).runs()).toHaveLength(1);
  });

  test("keeps what --with, tags and limits were given, and takes them anew", async () => {
    const source = flow.replace("if (process.env.FAIL", 'note("try " + here()); if (process.env.FAIL');
    await using project = await Project.create({ "flow.ts": source });
    await project.expectMillrace(1, ["run", "flow.ts", "--with", "retry:times=1,delay=0s", "--tag", "old"], { env: { FAIL: "join/0" } });
    expect(project.ledger.filter((line) => line === "try join/0")).toHaveLength(2);
    await project.expectMillrace(1, ["resume", "flow.ts", "--tag", "new"], { env: { FAIL: "join/0" } });
    expect(project.ledger.filter((line) => line === "try join/0")).toHaveLength(4);
    expect((await new Results(project).status("Demo/2")).tags).toContain("new");
  });

  test("does not take a caught failure for one: what was caught counts as done", async () => {
    await using project = await failedAt(
      "body/2,join/0",
      flow
        .replace("@step body(n", "@step @catchError body(n")
        .replace("parameter, ", "parameter, catchError, ")
        .replace("sum + input.one, 0", "sum + (input.one ?? 0), 0"),
    );
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    expect(await new Results(project).artifact("Demo/2/end/0", "total")).toBe(21);
  });

  test("takes loops up where they broke", async () => {
    const loop = flowText({
      fields: "round = 0;",
      steps: `
  @step start() { note("start"); this.next(this.work); }
  @step work() { this.round++; if (process.env.FAIL === here()) throw new Error("asked to"); note(here() + " " + this.round); this.next(this.check); }
  @step check() { note(here()); if (this.round < 4) this.next(this.work); else this.next(this.end); }
  @step end() { note("end " + this.round); }`,
    });
    await using project = await Project.create({ "flow.ts": loop });
    await project.expectMillrace(1, ["run", "flow.ts"], { env: { FAIL: "work/~2" } });
    expect(project.ledger).toEqual(["start", "work/0 1", "check/0", "work/~1 2", "check/~1"]);
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    expect(project.ledger.slice(5)).toEqual(["work/~2 3", "check/~2", "work/~3 4", "check/~3", "end 4"]);
    await project.clearLedger();
    await project.expectMillrace(0, ["resume", "flow.ts", "work"]);
    expect(project.ledger).toEqual(["work/0 1", "check/0", "work/~1 2", "check/~1", "work/~2 3", "check/~2", "work/~3 4", "check/~3", "end 4"]);
  });

  test("writes one record for all that is reused, not one a task", async () => {
    const wide = flow.replace("[1, 2, 3, 4]", "Array.from({ length: 90 }, (_, n) => n)");
    await using project = await failedAt("end/0", wide);
    const count = async (): Promise<number> =>
      (await readdir(project.path(".millrace"), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length;
    const before = await count();
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    expect((await count()) - before).toBeLessThan(12);
    expect((await new Results(project).status("Demo/2")).tasks.filter((task) => task.reused)).toHaveLength(92);
  });

  test("of a run that is still at work says so, and starts nothing", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({ steps: `\n  @step async start() { note("start"); await gate("wait"); this.next(this.end); }\n  @step end() {}` }),
    });
    const run = project.start(["run", "flow.ts"]);
    await project.gates.reached("wait");
    const { all } = await project.expectMillrace(1, ["resume", "flow.ts"]);
    expect(all).toContain("Demo/1");
    expect(all).toMatch(/running/);
    project.gates.openAll();
    expect((await run.result).code).toBe(0);
    expect(project.ledger).toEqual(["start"]);
    expect(await new Results(project).runs()).toHaveLength(1);
  });
});

/** A flow before and after a change, what of it a resume reuses, and what the end says. */
const changes: Readonly<
  Record<string, { readonly before: string; readonly after: string; readonly reused: readonly string[]; readonly says: string }>
> = {
  "a step that went on fans out now": {
    before: `@step start() { this.next(this.a); } @step a() { this.one = 1; this.next(this.end); }`,
    after: `@step start() { this.next(this.a, { foreach: [1, 2] }); } @step a(n: number) { this.one = n; this.next(this.j); } @step j(inputs: Inputs<this>) { this.one = inputs.length; this.next(this.end); }`,
    reused: [],
    says: "one 2",
  },
  "a step that fanned out goes on now": {
    before: `@step start() { this.next(this.a, { foreach: [1, 2] }); } @step a(n: number) { this.one = n; this.next(this.j); } @step j(inputs: Inputs<this>) { this.one = inputs.length; this.next(this.end); }`,
    after: `@step start() { this.next(this.a); } @step a() { this.one = 1; this.next(this.end); }`,
    reused: [],
    says: "one 1",
  },
  "a branch has one arm more": {
    before: `@step start() { this.next(this.a, this.b); } @step a() { this.next(this.j); } @step b() { this.next(this.j); } @step j(inputs: Inputs<this>) { this.one = inputs.length; this.next(this.end); }`,
    after: `@step start() { this.next(this.a, this.b, this.c); } @step a() { this.next(this.j); } @step b() { this.next(this.j); } @step c() { this.next(this.j); } @step j(inputs: Inputs<this>) { this.one = inputs.length; this.next(this.end); }`,
    reused: [],
    says: "one 3",
  },
  "a step stands between two that were done": {
    before: `@step start() { this.next(this.a); } @step a() { this.one = 1; this.next(this.b); } @step b() { this.one += 1; this.next(this.end); }`,
    after: `@step start() { this.next(this.a); } @step a() { this.one = 1; this.next(this.between); } @step between() { this.one = 50; this.next(this.b); } @step b() { this.one += 1; this.next(this.end); }`,
    reused: ["start/0"],
    says: "one 51",
  },
  "one arm of a branch is longer": {
    before: `@step start() { this.next(this.a, this.b); } @step a() { this.one = 1; this.next(this.j); } @step b() { this.one = 2; this.next(this.j); } @step j(inputs: Inputs<this>) { this.one = inputs[0]!.one + inputs[1]!.one; this.next(this.end); }`,
    after: `@step start() { this.next(this.a, this.b); } @step a() { this.one = 1; this.next(this.a2); } @step a2() { this.one = 11; this.next(this.j); } @step b() { this.one = 2; this.next(this.j); } @step j(inputs: Inputs<this>) { this.one = inputs[0]!.one + inputs[1]!.one; this.next(this.end); }`,
    reused: ["b/0", "start/0"],
    says: "one 13",
  },
  "the way that a switch took is not there any more": {
    before: `@step start() { if (this.one === 0) this.next(this.a); else this.next(this.b); } @step a() { this.one = 1; this.next(this.end); } @step b() { this.one = 2; this.next(this.end); }`,
    after: `@step start() { if (this.one === 1) this.next(this.c); else this.next(this.b); } @step b() { this.one = 2; this.next(this.end); } @step c() { this.next(this.end); }`,
    reused: [],
    says: "one 2",
  },
};

describe.each(Object.entries(changes))("resume when %s", (_, { before, after, reused, says }) => {
  test("reuses what still fits, runs the rest, and is right", async () => {
    const source = (steps: string): string =>
      flowText({
        imports: "type Inputs",
        fields: "one = 0;",
        steps: `${steps}\n  @step end() { if (process.env.FAIL) throw new Error("asked to"); note("one " + this.one); }`,
      });
    await using project = await Project.create({ "flow.ts": source(before) });
    await project.expectMillrace(1, ["run", "flow.ts"], { env: { FAIL: "1" } });
    await project.write({ "flow.ts": source(after) });
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    expect(project.ledger).toEqual([says]);
    const { tasks } = await new Results(project).status("Demo/2");
    expect(
      tasks
        .filter((task) => task.reused)
        .map((task) => shortTask(task.pathspec))
        .toSorted(),
    ).toEqual(reused);
  });
});
