import { describe, expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

describe("the language", () => {
  test("a decorator of the user's own wraps a step, above or below @step, and hides neither graph nor errors", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "retry, type Inputs",
        head: `
function timed<This, A extends unknown[]>(method: (this: This, ...args: A) => void | Promise<void>, context: ClassMethodDecoratorContext) {
  return async function (this: This, ...args: A): Promise<void> {
    note("before " + String(context.name));
    try { return await method.apply(this, args); } finally { note("after " + String(context.name)); }
  };
}
function twice(label: string) {
  return function <This, A extends unknown[]>(method: (this: This, ...args: A) => void | Promise<void>) {
    return function (this: This, ...args: A) { note(label); return method.call(this, ...args); };
  };
}`,
        fields: "total!: number; one!: number;",
        steps: `
  @timed @step start() { this.next(this.body, { foreach: [1, 2] }); }
  @step @timed @retry({ times: 1, delay: "0s" }) @twice("inner") async body(n: number) { this.one = n; this.next(this.join); }
  @twice("outer") @timed @step join(inputs: Inputs<this>) { this.total = inputs[0]!.one + inputs[1]!.one; this.next(this.end); }
  @step @timed end() { note("total " + this.total); }`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts", "--max-workers", "1"]);
    expect(project.ledger).toEqual([
      "before start",
      "after start",
      "before body",
      "inner",
      "after body",
      "before body",
      "inner",
      "after body",
      "outer",
      "before join",
      "after join",
      "before end",
      "total 3",
      "after end",
    ]);
    expect((await project.expectMillrace(0, ["show", "flow.ts", "--format", "json"])).stdout).toContain("join");
  });

  test("steps, parameters and decorators are inherited, and can be overridden", async () => {
    await using project = await Project.create({
      "base.ts": `import { FlowSpec, step, parameter, retry, current } from "millrace";
import { note } from "./rig.js";
export abstract class Base extends FlowSpec {
  size = parameter({ default: 3 });
  words: string[] = [];
  @step start() { this.words.push("base start"); this.next(this.work); }
  @step @retry({ times: 1, delay: "0s" }) work() {
    if (current.retryCount === 0) throw new Error("first");
    this.words.push(this.describe() + current.retryCount); this.next(this.end);
  }
  @step end() { this.words.push("base end"); note(this.words.join()); }
  describe(): string { return "base work"; }
}
export class Middle extends Base {
  @step override end() { this.words.push("middle end"); note(this.words.join() + " " + this.size); }
}
`,
      "flow.ts": `import { step } from "millrace";
import { Middle } from "./base.ts";
export default class Derived extends Middle {
  override size = 5;
  extra = "x";
  override describe(): string { return "derived work " + super.describe() + " "; }
  @step override start() { this.words.push("derived start"); this.next(this.more); }
  @step more() { this.words.push("more" + this.extra); this.next(this.work); }
}
`,
      "plain.ts": `export { Middle as default } from "./base.ts";\n`,
      "super.ts": `import { step } from "millrace";
import { Middle } from "./base.ts";
export class Late extends Middle { @step override end() { this.words.push("late"); super.end(); } }
`,
    });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    await project.expectMillrace(0, ["run", "plain.ts", "--size", "8"]);
    await project.expectMillrace(0, ["run", "super.ts"]);
    expect(project.ledger).toEqual([
      "derived start,morex,derived work base work 1,middle end 5",
      "base start,base work1,middle end 8",
      "base start,base work1,late,middle end 3",
    ]);
    expect((await new Results(project).runs()).map((run) => run.pathspec).toSorted()).toEqual(["Derived/1", "Late/1", "Middle/1"]);
  });

  test("several flows stand in one file and are named by #Name", async () => {
    const one = (name: string): string =>
      `export class ${name} extends FlowSpec { @step start() { note("${name}"); this.next(this.end); } @step end() {} }`;
    await using project = await Project.create({
      "flows.ts": `import { FlowSpec, step } from "millrace";\nimport { note } from "./rig.js";\n${one("First")}\n${one("Second")}\n`,
      "with-default.ts": `import { FlowSpec, step } from "millrace";\nimport { note } from "./rig.js";\n${one("Other")}\nexport default class Main extends FlowSpec { @step start() { note("Main"); this.next(this.end); } @step end() {} }\n`,
      "renamed.ts": `import { FlowSpec, step } from "millrace";\nimport { note } from "./rig.js";\n${one("Inner").replace("export ", "")}\nexport { Inner as Outer };\n`,
    });
    for (const file of ["flows.ts#Second", "flows.ts#First", "with-default.ts", "with-default.ts#Other", "renamed.ts"])
      await project.expectMillrace(0, ["run", file]);
    expect(project.ledger).toEqual(["Second", "First", "Main", "Other", "Inner"]);
    const { all } = await project.expectMillrace(2, ["run", "flows.ts"]);
    expect(all).toMatch(/flows\.ts#(First|Second)/);
    expect(all).toMatch(/First[^]*Second/);
    expect((await project.expectMillrace(2, ["run", "flows.ts#Secnd"])).all).toMatch(/Second/);
  });

  test("@environment sets variables for its step alone", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "environment",
        steps: `
  @step start() { note([process.env.COLOUR, process.env.KEPT].join()); this.next(this.blue); }
  @step @environment({ vars: { COLOUR: "blue", NUMBER: "5" } }) blue() { note([process.env.COLOUR, process.env.NUMBER, process.env.KEPT].join()); this.next(this.end); }
  @step end() { note([process.env.COLOUR, process.env.NUMBER, process.env.KEPT].join()); }`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts", "--max-workers", "1"], { env: { COLOUR: "red", KEPT: "kept" } });
    expect(project.ledger).toEqual(["red,kept", "blue,5,kept", "red,,kept"]);
  });

  test("\`current\` tells the task where it is, and outside a task says that it cannot", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "current, parameter, retry",
        head: `
import { existsSync } from "node:fs";
let outside = "";
try { outside = String(current.runId); } catch (error) { outside = (error as Error).message; }`,
        fields: `alpha = parameter({ default: 2 });`,
        steps: `
  @step @retry({ times: 1, delay: "0s" }) start() {
    if (current.retryCount === 0) throw new Error("once");
    note(JSON.stringify([current.flowName, current.runId, current.stepName, current.taskId, current.pathspec, current.retryCount, current.originRunId ?? null, [...current.tags], current.user, current.parameters, existsSync(current.tempDir)]));
    this.next(this.body, { foreach: [0] });
  }
  @step body(n: number) { note(JSON.stringify([current.pathspec, current.originRunId ?? null])); if (process.env.FAIL) throw new Error("asked to"); this.next(this.join); }
  @step join(inputs: readonly unknown[]) { this.next(this.end); }
  @step end() { note(outside); }`,
      }),
    });
    await project.expectMillrace(1, ["run", "flow.ts", "--tag", "t1", "--tag", "t2", "--alpha", "4"], { env: { FAIL: "1" } });
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    expect(project.ledger.slice(0, 3).map((line): unknown => JSON.parse(line))).toEqual([
      ["Demo", "1", "start", "0", "Demo/1/start/0", 1, null, ["t1", "t2"], "tester", { alpha: 4 }, true],
      ["Demo/1/body/0", null],
      ["Demo/2/body/0", "1"],
    ]);
    expect(project.ledger[3]).toMatch(/current/);
    expect(project.ledger[3]).toMatch(/task|step/);
  });

  test.each<[string, string, readonly RegExp[]]>([
    ["calls this.next twice", `this.next(this.end); this.next(this.end);`, [/this\.next/, /twice|second|once/]],
    ["does not call this.next on the way it took", `if (process.env.NEVER) this.next(this.end);`, [/this\.next/, /start/]],
    ["calls this.next in end", `this.next(this.end); } @step other() { this.next(this.end);`, [/this\.next|reach/]],
  ])("a step that %s fails with its name and line", async (_, code, says) => {
    await using project = await Project.create({ "flow.ts": flowText({ steps: `\n  @step start() {\n    ${code}\n  }\n  @step end() {}` }) });
    const { code: exit, all } = await project.millrace(["run", "flow.ts"]);
    expect(exit).not.toBe(0);
    for (const one of says) expect(all).toMatch(one);
    expect(all).toMatch(/flow\.ts:\d+/);
    expect(all).toContain("start");
  });

  test("this.next with something that is no step of the flow fails the task and names what it got", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        steps: `\n  @step start() { const how = process.env.HOW ?? ""; const go = this.next.bind(this) as (step: unknown) => void; if (how === "string") go("end"); else if (how === "helper") go(this.helper); else this.next(this.end); }\n  helper() {}\n  @step end() {}`,
      }),
    });
    expect((await project.expectMillrace(1, ["run", "flow.ts"], { env: { HOW: "string" } })).all).toMatch(/"end"|“end”|'end'|string/);
    expect((await project.expectMillrace(1, ["run", "flow.ts"], { env: { HOW: "helper" } })).all).toMatch(/helper/);
    await project.expectMillrace(0, ["run", "flow.ts"]);
  });

  test("ordinary methods, private fields, getters and static members of a flow work in its steps", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        fields: `static LIMIT = 3; #secret = 41; logger = console; fetcher = async (n: number) => n + this.base; base = 10; items: number[] = [];`,
        steps: `
  get doubled(): number { return this.items.length * 2; }
  add(n: number): void { this.items.push(n); }
  @step async start() { for (let n = 0; n < Demo.LIMIT; n++) this.add(await this.fetcher(n)); this.#secret++; this.next(this.end); }
  @step end() { this.logger.log("x"); note(JSON.stringify([this.items, this.doubled, this.#secret])); }`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    // A private field belongs to the instance, and each task has its own.
    expect(project.ledger).toEqual(["[[10,11,12],6,41]"]);
  });

  test("a step may be named like anything but a member of FlowSpec, and a field may be named like a step's word", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        fields: "steps = 1; run = 2; name = 3; data = 4; attempt = 5; parameters = 6;",
        steps: `\n  @step start() { this.run += 1; this.next(this.$pecial_1); }\n  @step $pecial_1() { this.next(this.end); }\n  @step end() { note([this.steps, this.run, this.name, this.data, this.attempt, this.parameters].join()); }`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    expect(project.ledger).toEqual(["1,3,3,4,5,6"]);
  });
});
