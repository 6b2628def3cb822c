import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Flow, flows, Run, runs, Task, type ReadOptions } from "../../src/client/index.js";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";

const flow = flowText({
  imports: "includeFile, type Inputs",
  fields: 'large = includeFile({ default: "large.txt" }); rows!: string[]; one!: number; big!: Buffer; total!: number;',
  steps: `
  @step start() { this.rows = ["a"]; this.next(this.body, { foreach: [0, 1, 2, 3] }); }
  @step body(n: number) { this.one = n; this.big = Buffer.alloc(9000, n); this.next(this.join); }
  @step join(inputs: Inputs<this>) { this.total = inputs.length; this.next(this.end); }
  @step end() {}`,
});

let project: Project;
let options: ReadOptions;
const warnings: Error[] = [];
const note = (warning: Error): void => void warnings.push(warning);

beforeEach(async () => {
  project = await Project.create({ "flow.ts": flow, "large.txt": "large ".repeat(2000) });
  options = { datastore: project.path(".millrace") };
  for (let count = 0; count < 3; count++) await project.expectMillrace(0, ["run", "flow.ts", "--quiet"]);
  process.on("warning", note);
});

afterEach(async () => {
  process.off("warning", note);
  warnings.length = 0;
  await project[Symbol.asyncDispose]();
});

const file = (...parts: readonly string[]): string => project.path(".millrace", ...parts);

function damage(path: string): void {
  const bytes = readFileSync(path);
  bytes[Math.floor(bytes.length / 2)] = 1 ^ (bytes[Math.floor(bytes.length / 2)] ?? 0);
  rmSync(path);
  writeFileSync(path, bytes);
}

/** The index's copies are gone too, so that a damaged record is lost. */
function damageTask(run: string, task: string): void {
  rmSync(file("flows/Demo", run, "index"), { recursive: true });
  damage(file("flows/Demo", run, "tasks", `${task}.json`));
}

/** The blob of that many bytes. */
function blobOf(size: number, which = 0): string {
  const blobs = readdirSync(file("blobs"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => statSync(path).size === size);
  const found = blobs.toSorted()[which];
  if (found === undefined) throw new Error(`there is no blob of ${size} bytes`);
  return found;
}

async function walk<T extends { readonly pathspec: string }>(
  list: AsyncIterable<T>,
): Promise<{ readonly seen: readonly string[]; readonly error: unknown }> {
  const seen: string[] = [];
  try {
    for await (const { pathspec } of list) seen.push(pathspec);
    return { seen, error: undefined };
  } catch (error) {
    return { seen, error };
  }
}

const incomplete = (what: string): object =>
  expect.objectContaining({
    code: "list-incomplete",
    message: expect.stringContaining(what) as unknown,
    cause: expect.any(Error) as unknown,
  }) as object;

describe("a run whose record is damaged", () => {
  beforeEach(() => damage(file("flows/Demo/2/run.json")));

  test("does not end a list: all others come, and then an error names it", async () => {
    expect(await walk(Flow("Demo", options).runs())).toEqual({ seen: ["Demo/3", "Demo/1"], error: incomplete("Demo/2") });
    expect(await walk(runs(options))).toEqual({ seen: ["Demo/3", "Demo/1"], error: incomplete("Demo/2") });
    expect((await flows(options).toArray()).map(({ name }) => name)).toEqual(["Demo"]);
  });

  test("is told to who asks, and the list is fine then", async () => {
    const told: string[] = [];
    const list = Flow("Demo", options).runs({ onDamaged: (error) => told.push(error.message) });
    expect(await walk(list)).toEqual({ seen: ["Demo/3", "Demo/1"], error: undefined });
    expect(told).toEqual([expect.stringContaining("Demo/2")]);
  });

  test("is a warning when a loop is left before the end", async () => {
    for await (const run of Flow("Demo", options).runs()) if (run.id === "1") break;
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([expect.objectContaining({ name: "MillraceWarning", message: expect.stringContaining("Demo/2") as unknown })]);
  });

  test("is never passed over silently for an older one", async () => {
    damage(file("flows/Demo/3/run.json"));
    await expect(Flow("Demo", options).latestRun()).rejects.toMatchObject({
      code: "record-damaged",
      message: expect.stringContaining("Demo/3") as unknown,
    });
    await expect(Flow("Demo", options).latestSuccessfulRun()).rejects.toMatchObject({ code: "record-damaged" });
    expect((await Flow("Demo", options).latestRun({ onDamaged: () => {} })).id).toBe("1");
    await expect(Run("Demo/2", options)).rejects.toMatchObject({ code: "record-damaged", message: expect.stringContaining("Demo/2") as unknown });
  });

  test("leaves the command line's list whole but for it", async () => {
    const { stdout, stderr } = await project.expectMillrace(1, ["runs", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject([{ pathspec: "Demo/3" }, { pathspec: "Demo/1" }]);
    expect(stderr).toContain("Demo/2");
  });
});

describe("a task whose record is damaged", () => {
  test("does not end a list: all others come, and then an error names it", async () => {
    damageTask("1", "body/2");
    const run = await Run<{ one: number }>("Demo/1", options);
    expect(run.status).toBe("done");
    const others = ["Demo/1/body/0", "Demo/1/body/1", "Demo/1/body/3"];
    expect(await walk(run.step("body").tasks())).toEqual({ seen: others, error: incomplete("Demo/1/body/2") });
    const values: number[] = [];
    await expect(
      (async () => {
        for await (const one of run.step("body").artifact("one")) values.push(one);
      })(),
    ).rejects.toEqual(incomplete("Demo/1/body/2"));
    expect(values).toEqual([0, 1, 3]);
    expect(await run.artifact("one").catch((error: unknown) => error)).toMatchObject({ code: "artifact-unknown" });
    await expect(Task("Demo/1/body/2", options)).rejects.toMatchObject({
      code: "record-damaged",
      message: expect.stringContaining("Demo/1/body/2") as unknown,
    });
    const parents = await walk((await run.step("join").task()).parents());
    expect(parents).toEqual({ seen: others, error: incomplete("Demo/1/body/2") });
  });

  test("is read from the index where it has a copy", async () => {
    damage(file("flows/Demo/1/tasks/body/2.json"));
    expect(await (await Task("Demo/1/body/2", options)).artifact("one")).toBe(2);
    expect(await (await Run("Demo/1", options)).step("body").artifact("one").toArray()).toEqual([0, 1, 2, 3]);
  });
});

describe("a blob that is gone or damaged", () => {
  test("is an error of its artifact alone", async () => {
    rmSync(blobOf(9000));
    const run = await Run<{ big: Buffer; one: number }>("Demo/1", options);
    expect(await run.step("body").artifact("one").toArray()).toEqual([0, 1, 2, 3]);
    const told: string[] = [];
    const rest = await run
      .step("body")
      .artifact("big", { onDamaged: (error) => told.push(error.message) })
      .toArray();
    expect(rest).toHaveLength(3);
    expect(told).toEqual([expect.stringMatching(/Demo\/1\/body\/\d\/big is gone/)]);
    await expect(run.step("body").artifact("big").toArray()).rejects.toEqual(incomplete("/big"));
    const task = await Task(/Demo\/1\/body\/\d/.exec(told[0] ?? "")?.[0] ?? "", options);
    await expect(task.artifact("big")).rejects.toMatchObject({ code: "artifact-missing" });
    expect(await task.artifact("one")).toBeTypeOf("number");
    expect(task.artifacts().find(({ name }) => name === "big")?.size).toBe(9000);
  });

  test("of a parameter is an error when that one is touched", async () => {
    damage(blobOf(12_000));
    const run = await Run("Demo/1", options);
    expect(run.status).toBe("done");
    expect(() => run.parameters["large"]).toThrow(
      expect.objectContaining({ code: "artifact-damaged", message: expect.stringContaining("large") as unknown }),
    );
    expect(await run.artifact("total")).toBe(4);
    expect(JSON.parse((await project.expectMillrace(0, ["runs", "--json"])).stdout)).toHaveLength(3);
  });
});

test("a result that is damaged makes a run lost, and the rest of it is read", async () => {
  damage(file("flows/Demo/1/result.json"));
  const run = await Run("Demo/1", options);
  expect([run.status, run.finished, run.successful, run.finishedAt]).toEqual(["lost", true, false, undefined]);
  expect(await run.artifact("total")).toBe(4);
});

test("tasks of an earlier run that was removed by hand are missed, not forgotten", async () => {
  await project.expectMillrace(0, ["resume", "flow.ts", "join"]);
  rmSync(file("flows/Demo/3"), { recursive: true });
  const run = await Run<{ one: number; total: number }>("Demo/4", options);
  expect(await run.artifact("total")).toBe(4);
  const told: string[] = [];
  expect(
    await run
      .step("body")
      .artifact("one", { onDamaged: (error) => told.push(error.message) })
      .toArray(),
  ).toEqual([]);
  expect(told).toEqual(["Demo/4 took over 5 tasks from Demo/3, start/0 among them, which are gone."]);
  await expect(run.tasks().toArray()).rejects.toEqual(incomplete("Demo/3"));
  expect((await run.origins().toArray()).length).toBe(0);
});

test("another version's layout is refused by name, whatever is asked for", async () => {
  writeFileSync(file("layout.json"), '{ "layout": 2 }\n');
  const refused = { code: "layout-unknown", message: expect.stringContaining("layout 2") as unknown };
  await expect(Run("Demo/1", options)).rejects.toMatchObject(refused);
  await expect(Flow("Demo", options).runs().toArray()).rejects.toMatchObject(refused);
  await expect(flows(options).toArray()).rejects.toMatchObject(refused);
});
