import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stopBundler } from "../../src/bundle/esbuild.js";
import { Child, type Loaded } from "./child.js";
import { createProject, installed, materialise } from "./project.js";

let child: Child;
beforeAll(async () => {
  child = await Child.create();
});
afterAll(async () => {
  child[Symbol.dispose]();
  await stopBundler();
});

const head = `import { FlowSpec, step } from "millrace";\n`;

async function load(files: Readonly<Record<string, string>>, exportName?: string): Promise<Loaded> {
  using project = createProject(files);
  return await child.load(await materialise(project), exportName);
}

const flowFile = (text: string): Record<string, string> => ({ "flow.ts": head + text });

describe("the flow class is", () => {
  test.each([
    [
      "the default export",
      `export class Other extends FlowSpec {} export default class ScoreFlow extends FlowSpec { start() {} }`,
      undefined,
      "ScoreFlow",
      "default",
    ],
    [
      "the only exported one",
      `class Base extends FlowSpec { start() {} } export class ScoreFlow extends Base {} export const table = 1;`,
      undefined,
      "ScoreFlow",
      "ScoreFlow",
    ],
    [
      "the only one, by two names",
      `class ScoreFlow extends FlowSpec { start() {} } export { ScoreFlow, ScoreFlow as Again };`,
      undefined,
      "ScoreFlow",
      "Again",
    ],
    ["the one asked for", `export class A extends FlowSpec { start() {} } export class B extends A {} export default A;`, "B", "B", "B"],
    [
      "the default export, asked for by its class's name",
      `export default class ScoreFlow extends FlowSpec { start() {} }`,
      "ScoreFlow",
      "ScoreFlow",
      "default",
    ],
  ])("%s", async (_, text, asked, name, exportName) => {
    expect((await load(flowFile(text), asked)).loaded).toEqual({ name, exportName });
  });

  test("found in a file that only exports it on", async () => {
    const { loaded } = await load({
      "flow.ts": `export { default } from "./flows/score.js";`,
      "flows/score.ts": `${head}export default class ScoreFlow extends FlowSpec { start() {} }`,
    });
    expect(loaded).toEqual({ name: "ScoreFlow", exportName: "default" });
  });
});

describe("an error says", () => {
  test("what a file exports when no flow is among it", async () => {
    const { error } = await load(flowFile(`export const table = 1; export default class Plain {}`));
    expect(error).toMatchObject({
      code: "flow-none",
      message: "flow.ts exports no flow: what it exports (default, table) does not extend FlowSpec.",
    });
  });

  test("that a file exports nothing", async () => {
    expect((await load({ "flow.ts": "" })).error?.message).toBe("flow.ts exports no flow: it exports nothing.");
  });

  test("which flow is not exported, and where it stands", async () => {
    const { error } = await load(flowFile(`\nclass ScoreFlow extends FlowSpec {}\nexport const table = ScoreFlow.name;`));
    expect(error).toMatchObject({
      code: "flow-none",
      message: "flow.ts has a flow, ScoreFlow, but does not export it.",
      hint: "Write export default class ScoreFlow extends FlowSpec { … }.",
      position: { file: "flow.ts", line: 3, column: 1 },
    });
  });

  test("the names of several flows and how to choose", async () => {
    const { error } = await load(flowFile(`export class A extends FlowSpec {} export class B extends FlowSpec {}`));
    expect(error).toMatchObject({ code: "flow-several", message: "flow.ts exports several flows: A, B." });
    expect(error?.hint).toContain("flow.ts#A");
  });

  test("that there is no flow of the name asked for", async () => {
    const text = `export class ScoreFlow extends FlowSpec {} export class Other {}`;
    expect((await load(flowFile(text), "ScorFlow")).error).toMatchObject({
      code: "flow-name-unknown",
      message: "flow.ts exports no flow named ScorFlow.",
      hint: "Did you mean flow.ts#ScoreFlow?",
    });
    expect((await load(flowFile(text), "Other")).error?.message).toBe(
      "Other, which flow.ts exports, is another class, not a class that extends FlowSpec.",
    );
  });

  test("where code outside any step throws", async () => {
    const { error, failure } = await load({
      "flow.ts": `${head}import { rows } from "./lib/table.js";\nexport default class ScoreFlow extends FlowSpec { rows = rows; }`,
      "lib/table.ts": `interface Row { id: number }\n\nfunction read(text: string): Row[] {\n  return JSON.parse(text) as Row[];\n}\nexport const rows = read("{");\n`,
    });
    expect(error).toMatchObject({ code: "flow-load-failed", position: { file: "lib/table.ts", line: 4, column: 15 } });
    expect(error?.message).toContain("lib/table.ts:4:15: SyntaxError: ");
    expect(error?.message).toContain("> 4 |   return JSON.parse(text) as Row[];");
    expect(error?.message).toContain("    at lib/table.ts:6:21");
    expect(failure).toMatchObject({
      code: "flow-load-failed",
      frames: [{ file: "lib/table.ts", line: 4, column: 15 }],
      cause: { name: "SyntaxError", frames: [{ function: "read" }, { function: "" }] },
    });
  });

  test("which name a package does not export", async () => {
    const { error } = await load({
      ...installed("dep", { type: "module", exports: { "./sub": "./index.js" } }, { "index.js": `export const there = 1;` }),
      "flow.ts": `${head}\nimport { nothere } from "dep/sub";\nexport default class ScoreFlow extends FlowSpec { value = nothere; }`,
    });
    expect(error).toMatchObject({ code: "flow-load-failed", position: { file: "flow.ts", line: 3 } });
    expect(error?.message).toContain(`The requested module 'dep/sub' does not provide an export named 'nothere'`);
    expect(error?.message).toContain(`> 3 | import { nothere } from "dep/sub";`);
    expect(error?.message).not.toContain("flow.mjs");
  });
});
