import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Flow, Run, Task, type ReadOptions } from "../../src/client/index.js";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";

const flow = flowText({
  imports: "includeFile, parameter, registerCodec",
  head: `
class Matrix { constructor(readonly rows: number[][]) {} }
registerCodec({ name: "Matrix", class: Matrix, encode: (matrix) => matrix.rows, decode: (rows: number[][]) => new Matrix(rows) });`,
  fields: 'alpha = parameter({ default: 0.5 }); text = includeFile({ default: "text.txt" }); matrix!: Matrix; plain!: number[];',
  steps: `
  @step start() { this.matrix = new Matrix([[1, 2]]); this.plain = [1]; this.next(this.end); }
  @step end() {}`,
});

let project: Project;
let options: ReadOptions;

beforeAll(async () => {
  project = await Project.create({ "flow.ts": flow, "text.txt": "x".repeat(20 * 1024) });
  options = { datastore: project.path(".millrace") };
  await project.expectMillrace(0, ["run", "flow.ts", "--tag", "seen"]);
});

afterAll(async () => {
  await project[Symbol.asyncDispose]();
});

test("a value whose codec is not registered here is an error that says so, or what the reader makes of it", async () => {
  const task = await Task<{ matrix: unknown; plain: number[] }>("Demo/1/end", options);
  await expect(task.artifact("matrix")).rejects.toMatchObject({
    code: "codec-missing",
    message: expect.stringContaining("Matrix") as unknown,
    hint: expect.stringContaining("registerCodec") as unknown,
  });
  expect(await task.artifact("plain")).toEqual([1]);
  expect(await task.artifact("matrix", { unknownCodec: (codec, data) => ({ codec, data }) })).toEqual({ codec: "Matrix", data: [[1, 2]] });
  const step = (await Run<{ matrix: unknown }>("Demo/1", options)).step("end");
  expect(await step.artifact("matrix", { unknownCodec: (_codec, data) => data }).toArray()).toEqual([[[1, 2]]]);
  const listed = task.artifacts().find(({ name }) => name === "matrix");
  expect(await listed?.value({ unknownCodec: (codec) => codec })).toBe("Matrix");
});

describe("what people see of", () => {
  test("a run: what it is, its parameters, large ones by their size", async () => {
    const run = await Run("Demo/1", options);
    expect(inspect(run)).toMatch(
      /^Run Demo\/1 \{\n {2}status: 'done',\n {2}startedAt: [\d\-T:.Z]+,\n {2}durationMs: \d+,\n {2}user: 'tester',\n {2}parameters: \{ alpha: 0\.5, text: \[20 KB, read when touched\] \},\n {2}tags: \[ 'seen' \]\n\}$/,
    );
    expect(inspect(run.parameters)).toBe("{ alpha: 0.5, text: [20 KB, read when touched] }");
    expect(inspect({ a: { b: { c: run } } })).toContain("[Run Demo/1]");
    expect(inspect(run.code)).toMatch(/^Code of Demo\/1 \{ file: 'flow\.ts', hash: '[0-9a-f]{12}…' \}$/);
  });

  test("a step, a task, an artifact", async () => {
    const run = await Run("Demo/1", options);
    expect(inspect(run.step("end"))).toBe("Step Demo/1/end { kind: 'end', previous: [ 'start' ], next: [] }");
    const task = await run.step("start").task();
    expect(inspect(task)).toMatch(/^Task Demo\/1\/start\/0 \{\n {2}status: 'done',\n {2}startedAt: .+,\n {2}durationMs: \d+,\n {2}host: '.+'\n\}$/);
    const plain = task.artifacts().find(({ name }) => name === "plain");
    expect(inspect(plain)).toMatch(/^Artifact Demo\/1\/start\/0\/plain \{ codec: 'json', size: 3, hash: '[0-9a-f]{12}…' \}$/);
  });

  test("a list and a flow, of which nothing is read yet", () => {
    const demo = Flow("Demo", options);
    expect(inspect(demo)).toBe(`Flow Demo { datastore: '${project.path(".millrace")}' }`);
    expect(inspect(demo.runs())).toContain("List of runs of Demo");
  });
});
