import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";

const flow = flowText({
  imports: "parameter, retry, type Inputs",
  head: `import { label } from "./lib.ts";`,
  fields:
    "rate = parameter({ default: 1 }); items = parameter({ default: 3 }); rows!: { id: number; price: number }[]; one!: number; total!: number; name!: string;",
  steps: `
  @step start() {
    this.rows = Array.from({ length: 200 }, (_, id) => ({ id, price: id * this.rate }));
    this.name = label;
    this.next(this.body, { foreach: Array.from({ length: this.items }, (_, n) => n) });
  }
  @step @retry({ times: 1, delay: "0s" }) body(n: number) { this.visit(); this.one = n * this.rate; this.next(this.join); }
  @step join(inputs: Inputs<this>) { this.visit(); this.total = inputs.reduce((sum, input) => sum + input.one, 0); this.next(this.end); }
  @step end() {}
  visit(): void { if (process.env.FAIL?.split(",").includes(here())) throw new Error("asked to"); }`,
});

const lib = `export const label = "first";\n`;

describe("millrace diff", () => {
  let project: Project;
  const diff = async (...args: readonly string[]): Promise<string> => (await project.expectMillrace(0, ["diff", ...args])).stdout;

  beforeAll(async () => {
    project = await Project.create({ "flow.ts": flow, "lib.ts": lib });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    await project.expectMillrace(0, ["run", "flow.ts", "--rate", "1.5", "--items", "5", "--tag", "wide"]);
    await project.write({ "lib.ts": `export const label = "second";\n`, "flow.ts": flow.replace("@step end() {}", "@step end() { this.total; }") });
    await project.expectMillrace(1, ["run", "flow.ts"], { env: { FAIL: "join/0" } });
  });

  afterAll(() => project[Symbol.asyncDispose]());

  test("of a run and itself, or one like it, says that all is the same", async () => {
    expect(await diff("Demo/1", "Demo/1")).toContain("the same: parameters, code, graph, artifacts");
  });

  test("tells parameters, artifacts by value, and tasks", async () => {
    const text = await diff("Demo/1", "Demo/2");
    expect(text).toContain("the same: code, graph");
    expect(text).toMatch(/tags +- +wide/);
    expect(text).toContain("~ rate  1 → 1.5 (+0.5, +50 %)");
    expect(text).toContain("~ start/rows  200 rows, 199 rows differ in price (199)");
    expect(text).toContain("~ body/one  differs in 2 of 3 tasks");
    expect(text).toContain("body/1  1 → 1.5 (+0.5, +50 %)");
    expect(text).toContain("~ join/total  3 → 15 (+12, +400 %)");
    expect(text).toMatch(/body +3 done +5 done .* 2 only after/);
  });

  test("tells outcome and code, and with --code the lines", async () => {
    const text = await diff("Demo/1", "Demo/3");
    expect(text).toMatch(/status +done +failed/);
    expect(text).toMatch(/failure +- +Error: asked to/);
    expect(text).toMatch(/~ lib.ts +\+1 +-1/);
    expect(text).toContain("~ start/name  'first' → 'second'");
    expect(text).not.toContain(`export const label`);
    const lines = await diff("Demo/1", "Demo/3", "--code");
    expect(lines).toContain(`  -export const label = "first";\n  +export const label = "second";`);
  });

  test("prints JSON for other programs", async () => {
    const found = JSON.parse(await diff("Demo/1", "Demo/3", "--json"));
    expect(found).toMatchObject({
      before: { pathspec: "Demo/1", status: "done" },
      after: { pathspec: "Demo/3", status: "failed" },
      parameters: [],
      code: { same: false, files: [{ path: "flow.ts" }, { path: "lib.ts", kind: "changed" }] },
    });
  });

  test("tells changes of the graph", async () => {
    const more = flow
      .replace("this.next(this.end); }\n  @step end", `this.next(this.tidy); }\n  @step tidy() { this.next(this.end); }\n  @step end`)
      .replace("times: 1", "times: 2");
    await project.write({ "flow.ts": more });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    const text = await diff("Demo/1", "Demo");
    expect(text).toContain("+ tidy");
    expect(text).toMatch(/~ join {2}goes on to tidy instead of end/);
    expect(text).toMatch(/~ body {2}has @retry .*times: 2.* instead of .*times: 1/);
  });

  test("an unknown run is an error", async () => {
    expect((await project.expectMillrace(1, ["diff", "Demo/1", "Demo/99"])).stderr).toContain("run-unknown");
    expect((await project.expectMillrace(2, ["diff", "Demo/1"])).stderr).toContain("argument-missing");
    expect((await project.expectMillrace(2, ["diff", "Demo/1", "Demo/1/start"])).stderr).toContain("pathspec-too-long");
  });
});

describe("millrace why", () => {
  test("tells of each task of a resumed run why it ran or was reused", async () => {
    await using project = await Project.create({ "flow.ts": flow, "lib.ts": lib });
    const why = async (task: string): Promise<string> => (await project.expectMillrace(0, ["why", task])).stdout;
    await project.expectMillrace(1, ["run", "flow.ts", "--max-workers", "1", "--keep-going"], { env: { FAIL: "body/1" } });
    expect(await why("Demo/1/start/0")).toContain("goes on from no other");
    await project.write({ "lib.ts": `export const label = "later";\n` });
    await project.expectMillrace(1, ["resume", "flow.ts"], { env: { FAIL: "join/0" } });
    expect(await why("Demo/2/body/0")).toMatch(/^Demo\/2\/body\/0 was reused\n {2}Demo\/1\/body\/0 had finished it/);
    expect(await why("Demo/2/body/0")).toContain("The code has changed since. That does not matter");
    expect(await why("Demo/2/body/1")).toContain("Demo/2/body/1 ran again\n  Demo/1/body/1 failed (2 attempts): Error: asked to\n");
    expect(await why("Demo/2/join/0")).toContain(
      "It goes on from Demo/2/body/1, which ran in this run.\n  It began with Demo/2/body/1:\n    Demo/1/body/1 failed",
    );
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    // The second run had reused it itself: what it rests on is named.
    expect(await why("Demo/3/start")).toContain("Demo/1/start/0 had finished it");
    expect(await why("Demo/3/body/1")).toContain("Demo/2/body/1 had finished it");
    expect(await why("Demo/3/end")).toContain("It began with Demo/3/join/0:\n    Demo/2/join/0 failed");
    await project.expectMillrace(0, ["resume", "flow.ts", "join"]);
    expect(await why("Demo/4/end/0")).toContain("The resume was told to run join again");
    const told = JSON.parse((await project.expectMillrace(0, ["why", "Demo/4/end", "--json"])).stdout);
    expect(told).toMatchObject({ pathspec: "Demo/4/end/0", reused: false, reason: { kind: "told", step: "join" } });
    await project.expectMillrace(0, ["spin", "flow.ts", "Demo/4/body/0"]);
    expect(await why("Demo/4-spin-1/body/0")).toContain("Demo/4-spin-1/body/0 ran again\n  millrace spin ran Demo/4/body/0 again, by itself.");
    expect((await project.expectMillrace(2, ["why", "Demo/2/body"])).stderr).toContain("pathspec-too-short");
    expect((await project.expectMillrace(1, ["why", "Demo/2/body/9"])).stderr).toContain("task-unknown");
  });

  test("tells of tasks that an earlier run had not come to, and of records that are damaged", async () => {
    await using project = await Project.create({ "flow.ts": flow, "lib.ts": lib });
    const why = async (task: string): Promise<string> => (await project.expectMillrace(0, ["why", task])).stdout;
    await project.expectMillrace(1, ["run", "flow.ts"], { env: { FAIL: "join/0" } });
    await project.write({ ".millrace/flows/Demo/1/tasks/body/2.json": "half", ".millrace/flows/Demo/1/index/000000.jsonl": "half" });
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    expect(await why("Demo/2/body/2")).toContain("What Demo/1/body/2 had done could not be read: The record of Demo/1/body/2 is damaged");
    expect(await why("Demo/2/end")).toContain("It began with Demo/2/body/2");
    await project.expectMillrace(0, ["resume", "flow.ts", "end"]);
    // Its origin goes: what it took over is still told.
    await project.expectMillrace(0, ["gc", "Demo/1"]);
    expect(await why("Demo/3/body/0")).toContain("Demo/1/body/0 had finished it");
  });
});
