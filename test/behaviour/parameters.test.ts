import { describe, expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

const FIELDS = `
  alpha = parameter({ default: 0.01, help: "Learning rate" });
  chunkSize = parameter({ default: 100, type: "int" });
  name = parameter({ default: "none" });
  test = parameter({ default: false });
  loud = parameter({ default: true });
  labels = parameter({ type: "string", list: true, default: ["x"] });
  sizes = parameter({ type: "number", list: true, default: [1.5] });
  options = parameter({ type: "json", default: { a: [1] } });
  when = parameter({ default: () => "made " + (globalThis as { made?: number }).made! });
  fromElsewhere = parameter({ default: "-", env: "ELSEWHERE" });
  maybe = parameter({ type: "number", required: false });
  count = parameter({ schema: z.coerce.bigint(), default: 1n });
  range = parameter({ schema: z.object({ from: z.coerce.number(), to: z.number() }), default: { from: 0, to: 1 } });`;

const NAMES = "alpha chunkSize name test loud labels sizes options when fromElsewhere maybe count range".split(" ");

const flow = flowText({
  imports: "parameter, type Inputs",
  head: `import { z } from "zod"; (globalThis as { made?: number }).made = 7;`,
  fields: FIELDS,
  steps: `
  @step start() { this.next(this.left, this.right); }
  @step left() { this.next(this.join); }
  @step right() { this.next(this.join); }
  @step join(inputs: Inputs<this>) { note(JSON.stringify([${NAMES.map((name) => `this.${name}`).join(", ")}].map((value) => value === undefined ? "unset" : typeof value === "bigint" ? value + "n" : value))); this.next(this.end); }
  @step end() {}`,
});

const DEFAULTS: readonly unknown[] = [0.01, 100, "none", false, true, ["x"], [1.5], { a: [1] }, "made 7", "-", "unset", "1n", { from: 0, to: 1 }];

function expected(changes: Readonly<Record<string, unknown>>): unknown[] {
  return NAMES.map((name, place) => (name in changes ? changes[name] : DEFAULTS[place]));
}

describe("parameters", () => {
  test.each<[string, readonly string[], Readonly<Record<string, unknown>>, Readonly<Record<string, string>>?]>([
    ["have their defaults", [], {}],
    [
      "come from the command line",
      ["--alpha", "0.5", "--chunk-size", "7", "--name=--dashes", "--labels", "a,b,c", "--sizes=1,2.5", "--options", '{"b":null}', "--maybe", "3"],
      { alpha: 0.5, chunkSize: 7, name: "--dashes", labels: ["a", "b", "c"], sizes: [1, 2.5], options: { b: null }, maybe: 3 },
    ],
    ["go by the field's own spelling too, and by =", ["--chunkSize=8", "--alpha=-1e-3", "--name="], { chunkSize: 8, alpha: -0.001, name: "" }],
    ["take booleans as flags", ["--test", "--no-loud"], { test: true, loud: false }],
    ["take booleans as words", ["--test", "true", "--loud=false"], { test: true, loud: false }],
    [
      "come from the environment",
      [],
      { chunkSize: 9, test: true, labels: ["e"], fromElsewhere: "there" },
      { MILLRACE_RUN_CHUNK_SIZE: "9", MILLRACE_RUN_TEST: "true", MILLRACE_RUN_LABELS: "e", ELSEWHERE: "there" },
    ],
    ["prefer the command line", ["--chunk-size", "3"], { chunkSize: 3 }, { MILLRACE_RUN_CHUNK_SIZE: "9" }],
    ["may be what JSON cannot say, when a schema makes it", ["--count", "12345678901234567890"], { count: "12345678901234567890n" }],
    ["go through their schema", ["--range", '{"from":"5","to":6}'], { range: { from: 5, to: 6 } }],
    ["may stand before the file and after run options", ["--max-workers", "2", "--alpha", "2"], { alpha: 2 }],
  ])("%s", async (_, args, changes, env = {}) => {
    await using project = await Project.create({ "flow.ts": flow }, { packages: ["zod"] });
    await project.expectMillrace(0, ["run", "flow.ts", ...args], { env });
    expect(JSON.parse(project.ledger[0] ?? "")).toEqual(expected(changes));
    const [run] = await new Results(project).runs("Demo");
    for (const [name, value] of Object.entries(changes)) if (name !== "count") expect(run?.parameters[name], name).toEqual(value);
    expect(run?.parameters["when"]).toBe("made 7");
  });

  test.each<[string, readonly string[], readonly RegExp[]]>([
    ["a number that is none", ["--alpha", "abc"], [/--alpha/, /abc/, /number/]],
    ["an int with a fraction", ["--chunk-size", "1.5"], [/--chunk-size/, /1\.5/, /int|whole/]],
    ["a boolean that is none", ["--test", "--loud", "maybe"], [/--loud/, /maybe/, /true or false/]],
    ["JSON that is none", ["--options", "{a:1"], [/--options/, /JSON/]],
    ["a value the schema refuses", ["--range", '{"from":1}'], [/--range/, /to/]],
    ["an unknown option", ["--chunksiz", "3"], [/--chunksiz/, /--chunk-size/]],
    ["a value left out", ["--alpha"], [/--alpha/]],
    ["a list with a bad element", ["--sizes", "1,x"], [/--sizes/, /x/]],
  ])("%s is said before anything starts", async (_, args, says) => {
    await using project = await Project.create({ "flow.ts": flow }, { packages: ["zod"] });
    const { all } = await project.expectMillrace(2, ["run", "flow.ts", ...args]);
    for (const one of says) expect(all).toMatch(one);
    expect(await new Results(project).runs()).toEqual([]);
  });

  test("that are required and not given are named, all at once", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "parameter",
        fields: `source = parameter({ type: "string", required: true, help: "Where to read" }); size = parameter({ type: "int", required: true });`,
        steps: `@step start() { note(this.source + this.size); this.next(this.end); }\n  @step end() {}`,
      }),
    });
    const { all } = await project.expectMillrace(2, ["run", "flow.ts"]);
    expect(all).toContain("--source");
    expect(all).toContain("--size");
    await project.expectMillrace(0, ["run", "flow.ts", "--size", "3"], { env: { MILLRACE_RUN_SOURCE: "env " } });
    expect(project.ledger).toEqual(["env 3"]);
  });

  test("can be assigned: later steps see the new value, the run keeps what it was given, a join starts from that", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "parameter, type Inputs",
        fields: "alpha = parameter({ default: 1 });",
        steps: `
  @step start() { this.alpha = this.alpha * 2; this.next(this.twice); }
  @step twice() { note("twice " + this.alpha); this.alpha *= 2; this.next(this.body, { foreach: [1, 2] }); }
  @step body(n: number) { this.alpha += n; note("body " + this.alpha); this.next(this.join); }
  @step join(inputs: Inputs<this>) { note("join " + this.alpha + " " + inputs.map((input) => input.alpha)); this.next(this.end); }
  @step end() { note("end " + this.alpha); }`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts", "--alpha", "5", "--max-workers", "1"]);
    expect(project.ledger).toEqual(["twice 10", "body 21", "body 22", "join 5 21,22", "end 5"]);
    const status = await new Results(project).status("Demo/1");
    expect(status.parameters).toEqual({ alpha: 5 });
    expect((await project.expectMillrace(0, ["dump", "Demo/1/twice/0"])).stdout).toMatch(/alpha\b.*20/);
  });

  test("of a function are made once a run, whatever process asks", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "parameter, type Inputs",
        fields: `stamp = parameter({ default: () => { note("made"); return process.pid + "-" + Math.random(); } }); seed = Math.random(); said!: string;`,
        steps: `
  @step start() { this.next(this.body, { foreach: [1, 2, 3, 4] }); }
  @step async body(n: number) { await gate("body " + n); this.said = this.stamp + " " + this.seed; this.next(this.join); }
  @step join(inputs: Inputs<this>) { note(String(new Set([this.stamp + " " + this.seed, ...inputs.map((input) => input.said)]).size)); this.next(this.end); }
  @step end() {}`,
      }),
    });
    const run = project.start(["run", "flow.ts"]);
    await project.gates.when("four wait", () => project.gates.waiting.length === 4);
    project.gates.openAll();
    expect((await run.result).code, run.output).toBe(0);
    expect(project.ledger).toEqual(["made", "1"]);
  });
});

describe("includeFile", () => {
  const flow = flowText({
    imports: "includeFile",
    fields: `table = includeFile({ default: "data.csv", help: "The table" }); raw = includeFile({ default: "raw.bin", encoding: null });`,
    steps: `
  @step start() { this.next(this.end); }
  @step end() { note(JSON.stringify([this.table, [...this.raw]])); if (process.env.FAIL) throw new Error("asked to"); }`,
  }).replace("./rig.js", "../rig.js");

  test("reads beside the flow by default and what is given from where the command stands, and a resume has what the run had", async () => {
    await using project = await Project.create({
      "flows/flow.ts": flow,
      "flows/data.csv": "a,b\n1,ü\n",
      "flows/raw.bin": "\u0001\u0002",
      "mine.csv": "mine",
    });
    await project.expectMillrace(1, ["run", "flows/flow.ts"], { env: { FAIL: "1" } });
    await project.write({ "flows/data.csv": "changed" });
    await project.expectMillrace(0, ["resume", "flows/flow.ts"]);
    await project.expectMillrace(0, ["run", "flows/flow.ts", "--table", "mine.csv"]);
    expect(project.ledger.map((line) => (JSON.parse(line) as [string])[0])).toEqual(["a,b\n1,ü\n", "a,b\n1,ü\n", "mine"]);
    expect((JSON.parse(project.ledger[0] ?? "") as [string, number[]])[1]).toEqual([1, 2]);
  });

  test("of a file that is not there is said before anything starts", async () => {
    await using project = await Project.create({ "flows/flow.ts": flow, "flows/raw.bin": "x" });
    const { all } = await project.expectMillrace(2, ["run", "flows/flow.ts"]);
    expect(all).toContain("data.csv");
    expect(all).toContain("--table");
    expect((await project.expectMillrace(2, ["run", "flows/flow.ts", "--table", "nothere.csv"])).all).toContain("nothere.csv");
  });
});
