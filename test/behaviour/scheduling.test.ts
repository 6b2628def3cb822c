import { describe, expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

/** A fan-out whose bodies each wait at the gate `body N`. */
function gatedFlow(count: number, { decorators = "", options = "" } = {}): string {
  return flowText({
    imports: "resources, type Inputs",
    head: "void resources;",
    steps: `
  @step start() { this.next(this.body, { foreach: Array.from({ length: ${count} }, (_, n) => n)${options} }); }
  @step ${decorators} async body(n: number) { note("begin " + n); await gate("body " + n); note("end " + n); this.next(this.join); }
  @step join(inputs: Inputs<this>) { this.next(this.end); }
  @step end() {}`,
  });
}

/** Lets the waiting steps go one at a time, always when as many wait as may. */
async function letGoOneByOne(project: Project, count: number, atOnce: number): Promise<void> {
  for (let gone = 0; gone < count; gone++) {
    const expected = Math.min(atOnce, count - gone);
    await project.gates.when(`${expected} steps wait`, () => project.gates.waiting.length >= expected);
    const [next = ""] = project.gates.waiting;
    project.gates.open(next);
  }
}

describe("what runs at once", () => {
  test.each([
    ["--max-workers 3", 3, ["--max-workers", "3"], {}],
    ["as many as there is room for when each counts as two", 2, ["--max-workers", "5"], { decorators: "@resources({ cpu: 2 })" }],
    ["one at a time when each asks for more than there is", 1, ["--max-workers", "2"], { decorators: "@resources({ cpu: 64 })" }],
    ["the fan-out's own concurrency", 2, ["--max-workers", "8"], { options: ", concurrency: 2" }],
  ])("%s: %i at once, no fewer and no more", async (_, atOnce, args, options) => {
    await using project = await Project.create({ "flow.ts": gatedFlow(6, options) });
    const run = project.start(["run", "flow.ts", ...args]);
    await letGoOneByOne(project, 6, atOnce);
    expect((await run.result).code, run.output).toBe(0);
    expect(project.gates.most).toBe(atOnce);
  });

  test("a fan-out's concurrency leaves the room to others", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "type Inputs",
        steps: `
  @step start() { this.next(this.fan, this.side); }
  @step fan() { this.next(this.body, { foreach: [0, 1, 2], concurrency: 1 }); }
  @step async body(n: number) { await gate("body " + n); this.next(this.gather); }
  @step gather(inputs: Inputs<this>) { this.next(this.join); }
  @step side() { this.next(this.more, { foreach: [0, 1] }); }
  @step async more(n: number) { await gate("more " + n); this.next(this.gather2); }
  @step gather2(inputs: Inputs<this>) { this.next(this.join); }
  @step join(inputs: Inputs<this>) { this.next(this.end); }
  @step end() {}`,
      }),
    });
    const run = project.start(["run", "flow.ts", "--max-workers", "3"]);
    await project.gates.when("three wait", () => project.gates.waiting.length === 3);
    expect(project.gates.waiting.toSorted()).toEqual(["body 0", "more 0", "more 1"]);
    project.gates.openAll();
    expect((await run.result).code).toBe(0);
    expect(project.gates.visits.map((visit) => visit.name).filter((name) => name.startsWith("body"))).toEqual(["body 0", "body 1", "body 2"]);
  });
});

describe("after a task has failed for good", () => {
  const flow = flowText({
    imports: "type Inputs",
    steps: `
  @step start() { this.next(this.left, this.right); }
  @step left() { this.next(this.body, { foreach: [0, 1, 2, 3, 4, 5] }); }
  @step async body(n: number) {
    note("begin body " + n);
    if (n === 1) { await gate("fail"); throw new Error("body 1 is broken"); }
    if (n === 0) await gate("slow");
    note("end body " + n);
    this.next(this.gather);
  }
  @step gather(inputs: Inputs<this>) { note("gather"); this.next(this.join); }
  @step async right() { await gate("right"); this.next(this.after); }
  @step after() { note("after"); this.next(this.join); }
  @step join(inputs: Inputs<this>) { note("join"); this.next(this.end); }
  @step end() { note("end"); }`,
  });

  test("no new task starts, running ones finish, and the run fails", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    const run = project.start(["run", "flow.ts", "--max-workers", "3", "--json"]);
    for (const gate of ["right", "slow", "fail"]) await project.gates.reached(gate);
    project.gates.open("fail");
    await run.event("task-failed", "body/1");
    project.gates.openAll();
    const { code } = await run.result;
    expect(code).toBe(1);
    expect(project.ledger.toSorted()).toEqual(["begin body 0", "begin body 1", "end body 0"]);
    const { tasks } = await new Results(project).status("Demo/1");
    expect(Object.fromEntries(tasks.map((task) => [task.pathspec.slice(7), task.status]))).toEqual({
      "start/0": "done",
      "left/0": "done",
      "right/0": "done",
      "body/0": "done",
      "body/1": "failed",
    });
  });

  test("with --keep-going everything that does not depend on it is done first", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    const run = project.start(["run", "flow.ts", "--max-workers", "3", "--json", "--keep-going"]);
    for (const gate of ["right", "slow", "fail"]) await project.gates.reached(gate);
    project.gates.open("fail");
    await run.event("task-failed", "body/1");
    project.gates.openAll();
    expect((await run.result).code).toBe(1);
    expect(project.ledger.filter((line) => line.startsWith("end body")).toSorted()).toEqual([0, 2, 3, 4, 5].map((n) => `end body ${n}`));
    expect(project.ledger).toContain("after");
    expect(project.ledger).not.toContain("gather");
    expect(project.ledger).not.toContain("join");
  });
});

describe("--max-num-splits", () => {
  const flow = flowText({
    imports: "type Inputs",
    steps: `
  @step start() { note("start"); this.next(this.wide); }
  @step wide() { note("wide"); this.next(this.body, { foreach: Array.from({ length: 101 }, (_, n) => n) }); }
  @step body(n: number) { this.next(this.join); }
  @step join(inputs: Inputs<this>) { note("inputs " + inputs.length); this.next(this.end); }
  @step end() { if (process.env.FAIL_END) throw new Error("asked to"); }`,
  });

  test("is checked when the step fans out, names the limit, and resume goes by the same until told otherwise", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    const { all } = await project.expectMillrace(1, ["run", "flow.ts"]);
    expect(all).toMatch(/\b100\b/);
    expect(all).toContain("--max-num-splits");
    expect(all).toMatch(/wide/);
    await project.expectMillrace(1, ["resume", "flow.ts"]);
    await project.expectMillrace(0, ["resume", "flow.ts", "--max-num-splits", "101"]);
    expect(project.ledger).toEqual(["start", "wide", "wide", "wide", "inputs 101"]);
  });

  test("given to the run, holds for its resumes", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    await project.expectMillrace(1, ["run", "flow.ts", "--max-num-splits", "200"], { env: { FAIL_END: "1" } });
    await project.expectMillrace(0, ["resume", "flow.ts", "wide"]);
    expect(project.ledger).toEqual(["start", "wide", "inputs 101", "wide", "inputs 101"]);
  });
});
