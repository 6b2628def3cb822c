import { chmodSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { flowText, lineOf } from "../rig/flow-text.js";
import { expectSays } from "../rig/own-traces.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

const FINE = flowText({ steps: "\n  @step start() { this.next(this.end); }\n  @step end() {}" });

/** A flow with a mistake: its lines, where the mistake stands, and what the answer must say. */
interface Mistake {
  readonly source: string;
  /** A text that stands in the line at fault alone. */
  readonly at: string;
  readonly says: readonly (string | RegExp)[];
}

/** Mistakes that are found before anything runs. */
const beforehand: Readonly<Record<string, Mistake>> = {
  "a misspelt step": {
    source: flowText({ steps: "\n  @step start() {\n    this.next(this.clen);\n  }\n  @step clean() { this.next(this.end); }\n  @step end() {}" }),
    at: "this.clen",
    says: ["clen", "clean", "start"],
  },
  "a step without this.next": {
    source: flowText({ steps: "\n  @step start() { this.next(this.work); }\n  @step work() {\n    console.log(1);\n  }\n  @step end() {}" }),
    at: "@step work",
    says: ["work", "this.next"],
  },
  "no start": {
    source: flowText({ steps: "\n  @step begin() { this.next(this.end); }\n  @step end() {}" }),
    at: "class Demo",
    says: ["start"],
  },
  "a start without @step": {
    source: flowText({ steps: "\n  start() { this.next(this.end as never); }\n  @step end() {}" }),
    at: "  start() {",
    says: ["start", "@step"],
  },
  "no end": {
    source: flowText({ steps: "\n  @step start() { this.next(this.finish); }\n  @step finish() {}" }),
    at: "class Demo",
    says: ["end"],
  },
  "a target that is a plain method": {
    source: flowText({ steps: "\n  @step start() {\n    this.next(this.helper);\n  }\n  helper() {}\n  @step end() {}" }),
    at: "this.helper",
    says: ["helper", "@step"],
  },
  "a step that nothing reaches": {
    source: flowText({ steps: "\n  @step start() { this.next(this.end); }\n  @step island() { this.next(this.end); }\n  @step end() {}" }),
    at: "@step island",
    says: ["island", /reach/],
  },
  "a join without its parameter": {
    source: flowText({
      steps:
        "\n  @step start() { this.next(this.a, this.b); }\n  @step a() { this.next(this.join); }\n  @step b() { this.next(this.join); }\n  @step join() { this.next(this.end); }\n  @step end() {}",
    }),
    at: "@step join",
    says: ["join", "inputs"],
  },
  "a fan-out that never meets": {
    source: flowText({
      steps:
        "\n  @step start() {\n    this.next(this.body, { foreach: [1] });\n  }\n  @step body(n: number) { this.next(this.end); }\n  @step end() {}",
    }),
    at: "@step start",
    says: ["start", /join/],
  },
  "a fan-out straight into its join": {
    source: flowText({
      imports: "type Inputs",
      steps:
        "\n  @step start() {\n    this.next(this.join as never, { foreach: [1] });\n  }\n  @step join(inputs: Inputs<this>) { this.next(this.end); }\n  @step end() {}",
    }),
    at: "foreach: [1]",
    says: ["join"],
  },
  "a cycle that nothing ends": {
    source: flowText({
      steps: "\n  @step start() { this.next(this.a); }\n  @step a() { this.next(this.b); }\n  @step b() { this.next(this.a); }\n  @step end() {}",
    }),
    at: "@step b",
    says: [/a → b → a/, /loop/],
  },
  "an item parameter that no foreach gives": {
    source: flowText({
      steps: "\n  @step start() { this.next(this.work as never); }\n  @step work(row: string) { this.next(this.end); }\n  @step end() {}",
    }),
    at: "@step work",
    says: ["work", "row", "foreach"],
  },
  "a target that cannot be read from the source": {
    source: flowText({
      steps: '\n  @step start() {\n    const name = process.env.NEXT ?? "end";\n    this.next((this as never)[name]);\n  }\n  @step end() {}',
    }),
    at: "this.next((this",
    says: ["start", /this\.NAME|this\.\w+|directly/],
  },
  "two parameters of one name on the command line": {
    source: flowText({
      imports: "parameter",
      fields: "  chunkSize = parameter({ default: 1 });\n  chunk_size = parameter({ default: 2 });",
      steps: "\n  @step start() { this.next(this.end); }\n  @step end() {}",
    }),
    at: "  chunk_size",
    says: ["--chunksize", "chunkSize", "chunk_size"],
  },
  "a parameter of a name that millrace uses itself": {
    source: flowText({
      imports: "parameter",
      fields: "  maxWorkers = parameter({ default: 1 });",
      steps: "\n  @step start() { this.next(this.end); }\n  @step end() {}",
    }),
    at: "  maxWorkers",
    says: ["maxWorkers"],
  },
  "an option of a decorator misspelt": {
    source: flowText({ imports: "retry", steps: "\n  @step @retry({ tims: 2 } as never)\n  start() { this.next(this.end); }\n  @step end() {}" }),
    at: "tims",
    says: ["tims", "times", "retry"],
  },
  "a duration that is none": {
    source: flowText({ imports: "timeout", steps: '\n  @step @timeout("5 parsecs")\n  start() { this.next(this.end); }\n  @step end() {}' }),
    at: "parsecs",
    says: ["5 parsecs", "timeout", /5m|30s/],
  },
  "a decorator twice": {
    source: flowText({ imports: "retry", steps: "\n  @step @retry @retry({ times: 1 })\n  start() { this.next(this.end); }\n  @step end() {}" }),
    at: "  start() {",
    says: ["retry", "start"],
  },
  "an exception in module scope": {
    source: flowText({
      head: 'const config = JSON.parse("{broken");\nvoid config;',
      steps: "\n  @step start() { this.next(this.end); }\n  @step end() {}",
    }),
    at: "JSON.parse",
    says: ["SyntaxError"],
  },
  "a TypeScript syntax error": {
    source: flowText({ steps: "\n  @step start() { this.next(this.end); }\n  @step end() {\n    const x = ;\n  }" }),
    at: "const x = ;",
    says: [/Unexpected|Expected/i],
  },
  "a package that is not installed": {
    source: `import pandas from "pandas-js";\n${FINE.replace("start() {", "start() { void pandas;")}`,
    at: "pandas-js",
    says: ["pandas-js", "npm install pandas-js"],
  },
  "an import of a file that is not there": {
    source: `import { helper } from "./helpers.ts";\n${FINE.replace("start() {", "start() { void helper;")}`,
    at: "./helpers.ts",
    says: ["./helpers.ts"],
  },
  "an import of a name that is not exported": {
    source: `import { helper } from "./lib.ts";\n${FINE.replace("start() {", "start() { void helper;")}`,
    at: "./lib.ts",
    says: ["helper"],
  },
};

describe.each(Object.entries(beforehand))("%s", (_, { source, at, says }) => {
  test("is answered with the place and the way out, by check and by run, before anything starts", async () => {
    await using project = await Project.create({
      "flows/flow.ts": source.replace("./rig.js", "../rig.js"),
      "flows/lib.ts": "export const helpers = 1;\n",
    });
    const place = `flows/flow.ts:${lineOf(source, at)}`;
    expectSays(await project.expectMillrace(2, ["check", "flows/flow.ts"]), place, ...says);
    expectSays(await project.expectMillrace(2, ["run", "flows/flow.ts"]), place, ...says);
    expect(await new Results(project).runs()).toEqual([]);
  });
});

/** Mistakes that only a run can find. */
const during: Readonly<Record<string, Mistake>> = {
  "a value of the wrong type": {
    source: flowText({
      fields: "rows!: string[];",
      steps:
        "\n  @step start() { this.rows = JSON.parse('{\"a\":1}'); this.next(this.work); }\n  @step work() {\n    this.rows.map((row) => row.trim());\n    this.next(this.end);\n  }\n  @step end() {}",
    }),
    at: "this.rows.map",
    says: ["TypeError", "this.rows.map is not a function", "work"],
  },
  "a field that was never set": {
    source: flowText({
      fields: "rows!: string[];",
      steps: "\n  @step start() { this.next(this.end); }\n  @step end() {\n    console.log(this.rows.length);\n  }",
    }),
    at: "this.rows.length",
    says: ["TypeError", "undefined", "length"],
  },
  "a function stored in an artifact": {
    source: flowText({
      fields: "model!: { layers: { fn: unknown }[] };",
      steps: "\n  @step start() {\n    this.model = { layers: [{ fn: () => 1 }] };\n    this.next(this.end);\n  }\n  @step end() {}",
    }),
    at: "this.model =",
    says: ["this.model.layers[0].fn", "function", "start"],
  },
  "a step that is a generator": {
    source: flowText({ steps: "\n  @step *start() { yield 1; this.next(this.end); }\n  @step end() {}" }),
    at: "*start",
    says: ["start", "generator"],
  },
  "a fan-out wider than the limit": {
    source: flowText({
      imports: "type Inputs",
      steps:
        "\n  @step start() {\n    this.next(this.body, { foreach: new Set(Array.from({ length: 142 }, (_, n) => n)) });\n  }\n  @step body(n: number) { this.next(this.join); }\n  @step join(inputs: Inputs<this>) { this.next(this.end); }\n  @step end() {}",
    }),
    at: "foreach: new Set",
    says: ["142", "100", "--max-num-splits 142"],
  },
  "a foreach over a string": {
    source: flowText({
      imports: "type Inputs",
      steps:
        '\n  @step start() {\n    this.next(this.body, { foreach: "abc" as never });\n  }\n  @step body(c: string) { this.next(this.join); }\n  @step join(inputs: Inputs<this>) { this.next(this.end); }\n  @step end() {}',
    }),
    at: 'foreach: "abc"',
    says: ["string", "foreach"],
  },
  "a way through a step that does not call this.next": {
    source: flowText({
      steps:
        "\n  @step start() {\n    if (process.argv.length > 1000) this.next(this.a); else if (process.argv.length > 2000) this.next(this.b);\n  }\n  @step a() { this.next(this.end); }\n  @step b() { this.next(this.end); }\n  @step end() {}",
    }),
    at: "@step start",
    says: ["this.next", "start"],
  },
};

describe.each(Object.entries(during))("%s", (_, { source, at, says }) => {
  test("fails the task with the place and the way on", async () => {
    await using project = await Project.create({ "flow.ts": source });
    expectSays(await project.expectMillrace(1, ["run", "flow.ts"]), `flow.ts:${lineOf(source, at)}`, ...says, "millrace resume flow.ts");
  });
});

describe("a flow file", () => {
  test.each<[string, string, readonly (string | RegExp)[]]>([
    ["that exports no flow", "export const x = 1;\n", ["flow.ts", /export default class|export.*FlowSpec/]],
    ["whose flow is not exported", FINE.replace("export default ", ""), ["flow.ts", "Demo", /export/]],
    ["that is empty", "", ["flow.ts", /export/]],
    [
      "that exports an instance",
      `${FINE.replace("export default class", "class")}\nexport default new Demo();\n`,
      ["flow.ts", /export|instance|new/],
    ],
    ["with two flows", `${FINE.replace("default ", "")}\nexport class Second extends Demo {}\n`, ["flow.ts#Demo", "Second"]],
  ])("%s is answered with what to write", async (_, source, says) => {
    await using project = await Project.create({ "flow.ts": source });
    for (const command of ["run", "check", "show"]) expectSays(await project.expectMillrace(2, [command, "flow.ts"]), ...says);
  });

  test.each<[string, readonly string[], readonly (string | RegExp)[]]>([
    ["that does not exist", ["run", "flw.ts"], ["flw.ts", "flow.ts"]],
    ["left out", ["run"], [/FLOW|flow/, /millrace run/]],
    ["that is a folder", ["run", "node_modules"], ["node_modules"]],
    ["of another kind", ["run", "table.csv"], ["table.csv"]],
    ["named by its class alone", ["run", "Demo"], ["Demo", /flow\.ts|file/]],
  ])("%s is answered with the way out", async (_, args, says) => {
    await using project = await Project.create({ "flow.ts": FINE, "table.csv": "a,b\n" });
    expectSays(await project.expectMillrace(2, args), ...says);
  });

  test("in a sub-folder can import code and data from anywhere in the project, wherever the command stands", async () => {
    await using project = await Project.create({
      "package.json": JSON.stringify({ name: "project", type: "module", imports: { "#lib/*": "./src/lib/*" } }),
      "tsconfig.json": JSON.stringify({ compilerOptions: { baseUrl: ".", paths: { "@app/*": ["src/*"] }, experimentalDecorators: true } }),
      "src/lib/words.ts": `import names from "../../data/names.json" with { type: "json" };\nexport const words = names.map((name) => name.toUpperCase());\n`,
      "src/lib/where.ts": `import { readFileSync } from "node:fs";\nexport const text = readFileSync(new URL("../../data/text.txt", import.meta.url), "utf8");\nexport const dir = import.meta.dirname;\n`,
      "src/plain.js": `export const plain = "plain";\n`,
      "src/old.cjs": `module.exports = { old: "old" };\n`,
      "data/names.json": `["ann", "bob"]`,
      "data/text.txt": "text",
      "flows/deep/flow.ts": flowText({
        head: `import { words } from "../../src/lib/words.ts";
import { dir, text } from "../../src/lib/where.js";
import { plain } from "../../src/plain.js";
import old from "../../src/old.cjs";
import { words as again } from "#lib/words.ts";
import { words as third } from "@app/lib/words";`,
        steps: `\n  @step start() { this.next(this.end); }\n  @step async end() { const lazy = await import("../../src/lib/words.ts"); note([words, again, third, lazy.words, text, plain, old.old, dir.replaceAll("\\\\", "/").endsWith("/src/lib")].join(" ")); }`,
      }).replace("./rig.js", "../../rig.js"),
    });
    await project.expectMillrace(0, ["run", "flows/deep/flow.ts"]);
    await project.expectMillrace(0, ["run", "flow.ts"], { cwd: project.path("flows/deep") });
    await project.expectMillrace(0, ["run", "../flows/deep/flow.ts"], { cwd: project.path("data") });
    expect(project.ledger).toEqual(Array.from({ length: 3 }, () => "ANN,BOB ANN,BOB ANN,BOB ANN,BOB text plain old true"));
  });
});

describe("the surroundings", () => {
  test("without millrace in node_modules say what to install", async () => {
    await using project = await Project.create({ "flow.ts": FINE }, { installed: false });
    const result = await project.millrace(["run", "flow.ts"]);
    if (result.code === 0) return;
    expectSays(result, "millrace", "npm install");
  });

  test("without a package.json still work, beside the flow or where the command stands", async () => {
    await using project = await Project.create({ "flow.ts": FINE }, { manifest: null });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    expect(await new Results(project).runs()).toHaveLength(1);
  });

  test.skipIf(process.platform === "win32")("without the right to write say where, and how to keep runs elsewhere", async () => {
    await using project = await Project.create({ "flow.ts": FINE });
    const as = process.getuid?.() === 0 ? { uid: 65_534 } : {};
    chmodSync(project.path(".."), 0o755);
    chmodSync(project.root, 0o555);
    try {
      const result = await project.millrace(["run", "flow.ts"], as);
      expect([1, 2], result.all).toContain(result.code);
      expectSays(result, ".millrace", /permission|not allowed|may not|cannot/i, "--datastore");
    } finally {
      chmodSync(project.root, 0o755);
    }
  });

  test("with a data folder that is a file say so", async () => {
    await using project = await Project.create({ "flow.ts": FINE, ".millrace": "a file" });
    const result = await project.millrace(["run", "flow.ts"]);
    expect([1, 2], result.all).toContain(result.code);
    expectSays(result, ".millrace");
  });
});
