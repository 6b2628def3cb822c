import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import type { StepDefinition } from "../../src/core/definition.js";
import { describeFlow } from "../../src/graph/describe-flow.js";
import { compileFlow, evaluate, flowOf } from "./compiled-flow.js";

function stepOf(body: string, heading = "", name = "start"): StepDefinition {
  const found = flowOf(body, heading).definition.steps.find((step) => step.name === name);
  if (found === undefined) throw new Error(`no step ${name}`);
  return found;
}

/** What the body of a start step does. */
function facts(body: string, members = "") {
  const { transitions, sets, reads, opaque, merges } = stepOf(`@step start() { ${body} }\n@step a() {}\n@step b() {}\n@step end() {}\n${members}`);
  return {
    next: transitions.map(({ kind, targets }) => `${kind} ${targets.join(" ")}`.trim()),
    problems: transitions.flatMap(({ problem }) => problem ?? []),
    sets: [...sets],
    reads: reads.map(({ name }) => name),
    opaque,
    merges: [...merges],
  };
}

describe("transitions", () => {
  test.each([
    ["this.next(this.a)", ["next a"]],
    ["this.next(this.a, this.b)", ["next a b"]],
    ["this.next(this.a, { foreach: this.rows })", ["foreach a"]],
    ["this.next(this.a, { foreach: [1], label: (x) => x, concurrency: 2 })", ["foreach a"]],
    ["if (this.x) this.next(this.a); else this.next(this.b)", ["next a", "next b"]],
    ["this.next(this.x ? this.a : this.b)", ["next a", "next b"]],
    ["const to = this.x ? this.a : this.b; this.next(to)", ["next a", "next b"]],
    ["switch (this.x) { case 1: return this.next(this.a); default: this.next(this.end) }", ["next a", "next end"]],
    ["const self = this; [1].forEach(function () { self.next(self.a); })", ["next a"]],
    ["let me; me = this; me.next(me.a)", ["next a"]],
    ["[1].forEach(() => this.next(this.a))", ["next a"]],
    ['this["next"](this["a"])', ["next a"]],
    ["this.next?.(this.a)", ["next a"]],
    ["super.next(this.a)", ["next a"]],
    ["try { x() } finally { this.next(this.a) }", ["next a"]],
    ["// this.next(this.b)\n const text = 'this.next(this.b)'; const r = /this.next\\(this.b\\)/; this.next(this.a)", ["next a"]],
    ["this.next(this.nothere)", ["next nothere"]],
  ])("of %s", (body, next) => {
    expect(facts(body)).toMatchObject({ next, problems: [] });
  });

  test.each([
    ["this.next()", "names no step"],
    ["this.next(...steps)", "...steps is not written as this.stepName"],
    ["this.next(steps[0])", "steps[0]"],
    ["this.next(this[name])", "this[name]"],
    ["this.next(this.a, options)", "options"],
    ["this.next(this.a, { ...options })", "do not show foreach"],
    ["this.next(this.a, this.b, { foreach: x })", "fans out to 2 steps"],
    ["this.next(this.a, x ? this.b : this.end)", "chooses between branches"],
    ["const go = this.next; go(this.a)", "not called where it stands"],
    ["let to = this.a; to = this.b; this.next(to)", "to is not written"],
    ["const to = to ? to : to; this.next(to)", "to is not written"],
  ])("that cannot be read: %s", (body, problem) => {
    const { next, problems } = facts(body);
    expect(next).toEqual(["unreadable"]);
    expect(problems[0]).toContain(problem);
  });

  test("in methods that the step calls, in base classes and behind super", () => {
    const { definition } = compileFlow(`import { FlowSpec, step } from "millrace";
abstract class Base extends FlowSpec {
  @step start() { this.prepare(); this.go(); }
  abstract prepare(): void;
  go() { this.next(this.middle); }
  @step middle() { this.next(this.end); }
  @step end() {}
}
export default class Derived extends Base {
  prepare() { this.rows = []; }
  @step override middle() { this.extra = 1; super.middle(); }
}`);
    expect(definition.steps.map(({ name, transitions, sets }) => [name, transitions.map(({ targets }) => targets), sets])).toEqual([
      ["start", [["middle"]], ["rows"]],
      ["middle", [["end"]], ["extra"]],
      ["end", [], []],
    ]);
  });

  test("in methods that call each other in a circle", () => {
    expect(facts("this.f()", "f() { this.g(); }\ng() { this.f(); this.next(this.a); }")).toMatchObject({ next: ["next a"] });
  });

  test("in arrow functions that are fields, and methods that are handed on", () => {
    expect(facts("this.f()", "f = () => this.next(this.a);")).toMatchObject({ next: ["next a"] });
    expect(facts("[1].map(this.g)", "g() { this.x = 1; }")).toMatchObject({ sets: ["x"] });
    expect(facts("[1].map(this.g.bind(this))", "g() { this.x = 1; }")).toMatchObject({ sets: ["x"], opaque: false });
  });

  test("of a step that a decorator of the user's own has wrapped", () => {
    const heading = "const traced = (method, context) => function (...args) { return method.apply(this, args); };";
    expect(stepOf("@traced @step start() { this.x = 1; this.next(this.end); }\n@step end() {}", heading)).toMatchObject({
      transitions: [{ targets: ["end"] }],
      sets: ["x"],
    });
  });
});

describe("artifacts", () => {
  test.each([
    ["this.x = 1", ["x"], []],
    ["this.x = this.y", ["x"], ["y"]],
    ["this.x += this.y", ["x"], ["y", "x"]],
    ["this.x ??= 1; this.z++", ["x", "z"], ["x", "z"]],
    ["[this.x, this.y = this.w] = f(); ({ a: this.z, ...this.rest } = g())", ["x", "y", "z", "rest"], ["w"]],
    ["for (this.x of this.rows) {}", ["x"], ["rows"]],
    ["const { x, y: other } = this", [], ["x", "y"]],
    ["this.rows.push(this.x); this.table.cells[this.i] = 1", [], ["rows", "x", "table", "i"]],
    ["this.rows?.length; this['quoted']; `${this.inText}`", [], ["rows", "quoted", "inText"]],
    ["const self = this; const f = function () { self.x = self.y; this.z = this.w; }", ["x"], ["y"]],
    ["const o = { f() { this.z = 1; }, g: () => { this.x = 1; } }; class K { k = this.z; }", ["x"], []],
    ["async () => { await this.load(this.x); }", [], ["load", "x"]],
    ["delete this.x", ["x"], []],
    ["this.input; this.index; this.foreachStack(); this.constructor", [], []],
    ["if (this === other || this instanceof K) {}", [], []],
  ])("of %s", (body, sets, reads) => {
    const found = facts(body);
    expect(found.sets).toEqual(sets);
    expect(found.reads.toSorted()).toEqual(reads.toSorted());
    expect(found.opaque).toBe(false);
  });

  test.each([
    "f(this)",
    "return this",
    "this[name] = 1",
    "const { [name]: x } = this",
    "const { ...all } = this",
    "({ ...this })",
    "f.call(this)",
    "other.flow = this",
  ])("cannot all be seen with %s", (body) => {
    expect(facts(body).opaque).toBe(true);
  });

  test("are not hidden by private fields, which compilers turn into functions", () => {
    expect(facts("this.#n++; this.#n = this.x; this.f()", "#n = 1; f() { return this.#n; } accessor kept = 1;")).toMatchObject({
      opaque: false,
      reads: ["x"],
    });
    expect(facts("this.#f()", "#f() { this.x = 1; }").opaque).toBe(true);
  });

  test("of getters and setters are theirs", () => {
    expect(facts("this.total; this.doubled = 1", "get total() { return this.a1; }\nset doubled(v) { this.b1 = v; }")).toMatchObject({
      reads: ["a1"],
      sets: ["b1"],
    });
  });

  test.each([
    ["this.mergeArtifacts(inputs)", [{}]],
    ["this.mergeArtifacts(inputs, { include: ['x', `y`] })", [{ include: ["x", "y"] }]],
    ["this.mergeArtifacts(inputs, { exclude: ['x'] })", [{ exclude: ["x"] }]],
    ["this.mergeArtifacts(inputs, { include: names })", [{}]],
    ["this.mergeArtifacts(inputs, options)", [{}]],
  ])("merged by %s", (body, merges) => {
    expect(facts(body).merges).toEqual(merges);
  });
});

test("a definition has parameters, members, documentation and places", () => {
  const { definition } = compileFlow(`import { FlowSpec, step, parameter, retry, schedule } from "millrace";

/**
 * Scores rows.
 *
 * In two lines.
 * @see nothing
 */
@schedule({ hourly: true })
export default class ScoreFlow extends FlowSpec {
  /** How far. */
  alpha = parameter({ default: 1 });
  rows!: number[];
  limit = 10;

  /** Reads the rows. */
  @step @retry({ times: 2, if: (error) => error instanceof Error })
  async start() {
    this.next(this.end);
  }

  helper() {}

  // not documentation
  @step end() {
    console.log(this.rows);
  }
}`);
  const at = (line: number, column: number) => ({ file: "flow.ts", line, column });
  expect(definition).toEqual({
    name: "ScoreFlow",
    doc: "Scores rows.\n\nIn two lines.",
    position: at(10, 1),
    parameters: [{ name: "alpha", flag: "alpha", type: "number", list: false, required: false, defaultText: "1", position: at(12, 3) }],
    steps: [
      {
        name: "start",
        doc: "Reads the rows.",
        position: at(18, 9),
        arity: 0,
        decorators: [{ name: "retry", options: { times: 2 }, from: "code", functions: ["if"] }],
        transitions: [{ kind: "next", targets: ["end"], position: at(19, 5) }],
        sets: [],
        setAt: {},
        reads: [],
        opaque: false,
        merges: [],
      },
      {
        name: "end",
        position: at(25, 9),
        arity: 0,
        decorators: [],
        transitions: [],
        sets: [],
        setAt: {},
        reads: [{ name: "rows", position: at(26, 17) }],
        opaque: false,
        merges: [],
      },
    ],
    decorators: [{ name: "schedule", options: { hourly: true }, from: "code" }],
    members: [
      { name: "rows", kind: "field" },
      { name: "limit", kind: "field", initialiser: expect.stringMatching(/^[0-9a-f]{16}$/) },
      { name: "helper", kind: "method", position: at(22, 3) },
    ],
  });
});

test("an initialiser that throws is told by its field and place", () => {
  const broken = () => flowOf("a = 1;\nb = new URL('x');\nc = 2;\n@step start() {}");
  expect(broken).toThrow(
    expect.objectContaining({
      code: "flow-construction-failed",
      message: "Field b of TestFlow could not be made: Invalid URL",
      position: { file: "flow.ts", line: 6, column: 1 },
    }),
  );
});

test("parameters of steps are told by number and name", () => {
  const { definition } = flowOf("@step start(a, b) {}\n@step one(inputs) {}\n@step two({ x }) {}\n@step three(row = 1) {}");
  expect(definition.steps.map(({ arity, parameterName }) => [arity, parameterName])).toEqual([
    [2, "a"],
    [1, "inputs"],
    [1, undefined],
    [1, "row"],
  ]);
});

test("classes that tsc compiled read the same as those that esbuild did", { timeout: 120_000 }, () => {
  const source = `import { FlowSpec, step, parameter, retry, schedule } from "millrace";
@schedule
export default class Both extends FlowSpec {
  alpha = parameter({ default: 0.5 });
  double = this.alpha * 2;
  rows: number[] = [];
  total!: number;
  #secret = 1;
  @step @retry({ times: 1 }) start() { this.#secret++; this.rows = [this.alpha]; this.next(this.work, { foreach: this.rows }); }
  @step work(row: number) { this.total = row; this.finish(); }
  finish() { this.next(this.end); }
  @step end(inputs: readonly this[]) { this.total = inputs.length; }
}`;
  const folder = mkdtempSync(join(tmpdir(), "flow-tsc-"));
  try {
    writeFileSync(join(folder, "flow.ts"), source);
    writeFileSync(join(folder, "package.json"), '{ "type": "commonjs" }');
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    const tsc = resolve("node_modules/typescript/bin/tsc");
    const options = ["--target", "es2022", "--module", "node20", "--skipLibCheck", "--noCheck", "--types", ""];
    execFileSync(process.execPath, [tsc, ...options, "flow.ts"], { cwd: folder, stdio: "pipe" });
    const compiled = evaluate(readFileSync(join(folder, "flow.js"), "utf8"));
    const withoutPlaces = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value, (key, item: unknown) => (key === "position" || key === "setAt" ? undefined : item)));
    expect(withoutPlaces(describeFlow(compiled, () => undefined))).toEqual(withoutPlaces(compileFlow(source).definition));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
