import { describe, expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { expectSays } from "../rig/own-traces.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

describe("a generator that a foreach takes its items from is the step's code: what ends there ends the task", () => {
  test.each<[string, string, readonly (string | RegExp)[]]>([
    ["throws", `function* () { yield 1; throw new RangeError("no second"); }`, ["RangeError: no second"]],
    ["waits for nothing", `async function* () { yield 1; await new Promise(() => {}); }`, [/promise that can never settle/]],
    ["waits for too long", `async function* () { yield 1; await new Promise((done) => setTimeout(done, 60_000)); }`, [/longer than its @timeout/]],
    ["leaves the process", `function* () { yield 1; process.exit(3); }`, ["process.exit(3)"]],
    ["leaves a rejection alone", `function* () { void Promise.reject(new Error("nobody")); yield 1; }`, ["Error: nobody"]],
  ])("%s", async (_name, items, says) => {
    const flow = flowText({
      imports: "timeout, type Inputs",
      head: `const items: () => Iterable<number> | AsyncIterable<number> = ${items};`,
      steps: `
  @step @timeout("2s") start() { this.next(this.body, { foreach: items() }); }
  @step body(n: number) { note("body " + n); this.next(this.end); }
  @step end(inputs: Inputs<this>) { note("end " + inputs.length); }`,
    });
    await using project = await Project.create({ "flow.ts": flow });
    const result = await project.expectMillrace(1, ["run", "flow.ts"]);
    expectSays(result, "start/0", ...says);
    expect(project.ledger).toEqual([]);
  });
});

test("what an attempt printed is found after its failure was caught, whether the catch prints or not", async () => {
  const flow = flowText({
    imports: "catchError",
    steps: `
  @step @catchError({ var: "first", print: false }) start() { console.log("quietly"); throw new Error("one"); this.next(this.loud); }
  @step @catchError({ var: "second" }) loud() { console.log("loudly"); throw new Error("two"); this.next(this.end); }
  @step end() {}`,
  });
  await using project = await Project.create({ "flow.ts": flow });
  await project.expectMillrace(0, ["run", "flow.ts"]);
  const results = new Results(project);
  expect(await results.logs("Demo/1/start/0")).toBe("quietly\n");
  expect(await results.logs("Demo/1/loud/0")).toMatch(/^loudly\ncaught Error: two\n/);
});
