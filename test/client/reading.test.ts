import { rm } from "node:fs/promises";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Flow, flows, Run, runs, Step, Task, type ReadOptions } from "../../src/client/index.js";
import { Project } from "../rig/project.js";

const flow = `import { FlowSpec, includeFile, parameter, retry, catchError, step, type Inputs } from "millrace";
import { twice } from "./lib/twice.js";
export default class Cities extends FlowSpec {
  limit = parameter({ default: 2.5 });
  names = parameter({ default: ["Oslo", "Lima"] });
  words = includeFile({ default: "words.txt" });
  kind = "initial";
  text!: string;
  bytes!: Buffer;
  odd!: Map<string, unknown>;
  problem!: Error | undefined;
  tried!: number;
  sum!: number;
  @step start() {
    console.log("reading");
    console.error("careful");
    process.stdout.write("no end");
    this.text = "line 1\\nline 2";
    this.bytes = Buffer.alloc(5000, 7);
    this.odd = new Map<string, unknown>([["when", new Date(0)], ["none", undefined]]);
    this.next(this.work, { foreach: [{ n: 1 }, { n: 2 }, { n: 3 }], label: (item) => "no. " + item.n });
  }
  @retry({ times: 1, delay: "0s" }) @step work(item: { n: number }) {
    for (let line = 0; line < 10; line++) console.log("line", line, "of", item.n);
    this.tried = twice(item.n);
    if (item.n === 2 && process.env["BREAK"] === "1") {
      throw new RangeError("two is too many", { cause: new TypeError("not my type") });
    }
    this.next(this.join);
  }
  @step join(inputs: Inputs<this>) { this.sum = inputs.reduce((sum, input) => sum + input.tried, 0); this.next(this.risky); }
  @catchError({ var: "problem" }) @step risky() { JSON.parse("{"); this.next(this.end); }
  /** Ends it. */
  @step end() {}
}
`;
const files = { "flow.ts": flow, "lib/twice.ts": "export const twice = (n: number): number => 2 * n;\n", "words.txt": "word ".repeat(1000) };

/** Cities/1 fails at work/1 and keeps going; Cities/2 goes on from it; Cities/3 is another of a user called ann; Other/1 is another flow's. */
let project: Project;
let options: ReadOptions;

beforeAll(async () => {
  project = await Project.create({ ...files, "other.ts": flow.replace("class Cities", "class Other") });
  options = { datastore: project.path(".millrace") };
  await project.expectMillrace(1, ["run", "flow.ts", "--keep-going", "--tag", "first", "--tag", "night"], { env: { BREAK: "1" } });
  await project.expectMillrace(0, ["resume", "flow.ts"]);
  await project.expectMillrace(0, ["run", "flow.ts", "--limit", "7", "--names", '["Bonn"]'], { env: { MILLRACE_USER: "ann" } });
  await project.expectMillrace(0, ["run", "other.ts"]);
});

afterAll(async () => {
  await project[Symbol.asyncDispose]();
});

const pathspecs = async (list: AsyncIterable<{ readonly pathspec: string }>): Promise<string[]> => {
  const found: string[] = [];
  for await (const { pathspec } of list) found.push(pathspec);
  return found;
};

describe("lists of runs", () => {
  test("are of a flow, or of all, the newest first", async () => {
    expect((await flows(options).toArray()).map(({ name }) => name)).toEqual(["Cities", "Other"]);
    expect(await pathspecs(Flow("Cities", options).runs())).toEqual(["Cities/3", "Cities/2", "Cities/1"]);
    expect(await pathspecs(runs(options))).toEqual(["Other/1", "Cities/3", "Cities/2", "Cities/1"]);
    expect(await Flow("Cities", options).runs().count()).toBe(3);
  });

  test("are filtered by tag, status, user, time and parameters, and come in pages", async () => {
    const cities = Flow("Cities", options);
    const fit = (query: Parameters<typeof cities.runs>[0]): Promise<string[]> => pathspecs(cities.runs(query));
    expect(await fit({ tag: "night" })).toEqual(["Cities/1"]);
    expect(await fit({ tag: ["night", "first"] })).toEqual(["Cities/1"]);
    expect(await fit({ tag: ["night", "last"] })).toEqual([]);
    expect(await fit({ tag: "user:ann" })).toEqual(["Cities/3"]);
    expect(await fit({ status: "failed" })).toEqual(["Cities/1"]);
    expect(await fit({ status: ["failed", "done"] })).toEqual(["Cities/3", "Cities/2", "Cities/1"]);
    expect(await fit({ user: "ann" })).toEqual(["Cities/3"]);
    expect(await fit({ parameter: { limit: 7 } })).toEqual(["Cities/3"]);
    expect(await fit({ parameter: { limit: 2.5, names: ["Oslo", "Lima"] } })).toEqual(["Cities/2", "Cities/1"]);
    expect(await fit({ parameter: { nothing: 1 } })).toEqual([]);
    expect(await fit({ since: "1h" })).toHaveLength(3);
    expect(await fit({ since: new Date(Date.now() + 60_000) })).toEqual([]);
    const second = (await cities.run(2)).startedAt;
    expect(await fit({ since: second })).toEqual(["Cities/3", "Cities/2"]);
    expect(await fit({ since: second.toISOString() })).toEqual(["Cities/3", "Cities/2"]);
    expect(await fit({ limit: 2 })).toEqual(["Cities/3", "Cities/2"]);
    expect(await fit({ limit: 2, before: "2" })).toEqual(["Cities/1"]);
    await expect(fit({ since: "yesterday" })).rejects.toMatchObject({ code: "bad-option-value" });
  });

  test("know the latest", async () => {
    expect((await Flow("Cities", options).latestRun()).pathspec).toBe("Cities/3");
    expect((await Flow("Cities", options).latestRun({ tag: "night" })).pathspec).toBe("Cities/1");
    expect((await Flow("Cities", options).latestSuccessfulRun({ user: "tester" })).pathspec).toBe("Cities/2");
    expect((await Run("Cities/latest", options)).pathspec).toBe("Cities/3");
    expect((await Run("Cities", options)).pathspec).toBe("Cities/3");
    await expect(Flow("Cities", options).latestRun({ user: "nobody" })).rejects.toMatchObject({ code: "run-none-fits" });
  });
});

describe("a run", () => {
  test("tells what it was", async () => {
    const run = await Run("Cities/1", options);
    expect(run).toMatchObject({ pathspec: "Cities/1", flow: "Cities", id: "1", status: "failed", successful: false, finished: true, user: "tester" });
    expect(run.tags).toEqual(["first", "night"]);
    expect(run.parameters["limit"]).toBe(2.5);
    expect(run.parameters["words"]).toBe(files["words.txt"]);
    expect(Object.keys(run.parameters)).toEqual(["limit", "names", "words"]);
    expect(run.finishedAt?.getTime()).toBe(run.startedAt.getTime() + (run.durationMs ?? 0));
    expect(run.versions.node).toBe(process.version.slice(1));
    expect(run.origin).toBeUndefined();
    expect(run.error).toBeUndefined();
    expect(run.steps.map(({ name }) => name)).toEqual(["start", "work", "join", "risky", "end"]);
    expect(run.step("end").doc).toBe("Ends it.");
    expect(run.step("join")).toMatchObject({ previous: ["work"], next: ["risky"], kind: "linear", pathspec: "Cities/1/join" });
  });

  test("has the artifacts of its end", async () => {
    const run = await Run<{ sum: number }>("Cities/2", options);
    expect(await run.artifact("sum")).toBe(12);
    expect((await run.artifacts()).map(({ name }) => name)).toContain("problem");
    await expect((await Run("Cities/1", options)).artifact("sum")).rejects.toMatchObject({ code: "task-unknown" });
    await expect((await Run("Cities/2", options)).artifact("summ")).rejects.toMatchObject({
      code: "artifact-unknown",
      hint: expect.stringContaining("sum") as unknown,
    });
  });

  test("knows the runs that it went on from", async () => {
    const run = await Run("Cities/2", options);
    expect(run.origin).toBe("Cities/1");
    expect(await pathspecs(run.origins())).toEqual(["Cities/1"]);
    expect(await pathspecs((await Run("Cities/1", options)).origins())).toEqual([]);
  });

  test("has its code as it was, whatever became of the files", async () => {
    await using own = await Project.create(files);
    await own.expectMillrace(0, ["run", "flow.ts"]);
    await rm(own.path("flow.ts"));
    const { code } = await Run("Cities/1", { datastore: own.path(".millrace") });
    expect((await code.files()).map(({ path }) => path)).toEqual(["flow.ts", "lib/twice.ts"]);
    expect(code.file).toBe("flow.ts");
    expect(await code.text()).toBe(flow);
    expect(await code.text("lib/twice.ts")).toBe(files["lib/twice.ts"]);
    expect(await code.packages()).toEqual(["millrace"]);
    await expect(code.text("lib/twise.ts")).rejects.toMatchObject({ code: "code-file-unknown", hint: "Did you mean lib/twice.ts?" });
    expect((await Run("Cities/2", options)).code.hash).toBe((await Run("Cities/3", options)).code.hash);
  });

  test("is the JSON that the command line prints", async () => {
    const { stdout } = await project.expectMillrace(0, ["runs", "Cities", "--json"]);
    expect(JSON.parse(JSON.stringify(await Flow("Cities", options).runs().toArray()))).toEqual(JSON.parse(stdout));
  });
});

describe("tasks", () => {
  test("come in the order of the graph, filtered if asked", async () => {
    const run = await Run("Cities/1", options);
    expect(await pathspecs(run.tasks())).toEqual(["Cities/1/start/0", "Cities/1/work/0", "Cities/1/work/1", "Cities/1/work/2"]);
    expect(await pathspecs(run.tasks({ status: "failed" }))).toEqual(["Cities/1/work/1"]);
    expect(await pathspecs(run.step("work").tasks({ status: "done" }))).toEqual(["Cities/1/work/0", "Cities/1/work/2"]);
    expect(await pathspecs(run.step("work").tasks({ label: "no. 3" }))).toEqual(["Cities/1/work/2"]);
    expect(await run.step("work").counts()).toEqual({ done: 2, failed: 1, running: 0, reused: 0 });
    expect(await (await Run("Cities/2", options)).step("work").counts()).toEqual({ done: 1, failed: 0, running: 0, reused: 2 });
  });

  test("tell where they stand, how long they took, and where", async () => {
    const task = await Task("Cities/1/work/2", options);
    expect(task).toMatchObject({ flow: "Cities", run: "1", step: "work", id: "2", status: "done", successful: true, finished: true });
    expect(task).toMatchObject({ attempt: 0, reused: false, ranIn: "Cities/1", label: "no. 3", index: 2 });
    expect(task.foreach).toEqual([{ step: "start", index: 2, count: 3 }]);
    expect(await task.item()).toEqual({ n: 3 });
    expect(task.durationMs).toBe((task.finishedAt?.getTime() ?? 0) - (task.startedAt?.getTime() ?? 0));
    expect(task.host).toBe((await Run("Cities/1", options)).host);
    expect(task.pid).toBeGreaterThan(0);
    const start = await Task("Cities/1/start", options);
    expect([start.index, start.foreach, await start.item(), start.error, start.caught]).toEqual([undefined, [], undefined, undefined, undefined]);
  });

  test("that an earlier run did are found there, under the run's own name", async () => {
    const task = await Task("Cities/2/work/0", options);
    expect(task).toMatchObject({ pathspec: "Cities/2/work/0", reused: true, ranIn: "Cities/1", run: "2" });
    expect(await task.stdout({ from: 0, to: 1 })).toBe("line 0 of 1\n");
    expect(await task.artifact("tried")).toBe(2);
    expect(await task.artifact("text")).toBe("line 1\nline 2");
    expect(await task.item()).toEqual({ n: 1 });
  });

  test("that failed say why, with the user's own lines", async () => {
    const { error } = await Task("Cities/1/work/1", options);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: "RangeError", message: "two is too many", code: "exception" });
    expect(error?.stack).toBe("RangeError: two is too many\n    at Cities.work (flow.ts:27:13)");
    expect(error?.codeFrame).toContain("> 27");
    expect(error?.cause).toMatchObject({ name: "TypeError", message: "not my type", stack: expect.stringContaining("flow.ts:27:") as unknown });
    expect(inspect(error)).toMatch(
      /^RangeError: two is too many\n {4}at Cities\.work \(flow\.ts:27:13\) \{\n {2}\[cause\]: TypeError: not my type\n/,
    );
    const risky = await Task("Cities/3/risky", options);
    expect([risky.status, risky.error, risky.caught?.name]).toEqual(["done", undefined, "SyntaxError"]);
  });

  test("have attempts, each with what it had at its end", async () => {
    const attempts = await (await Task("Cities/1/work/1", options)).attempts();
    expect(attempts.map(({ attempt, status, error }) => [attempt, status, error?.message])).toEqual([
      [0, "failed", "two is too many"],
      [1, "failed", "two is too many"],
    ]);
    expect(await attempts[0]?.artifact("tried")).toBe(4);
    expect(await attempts[0]?.stdout({ last: 1 })).toBe("line 9 of 2\n");
    await expect((await Task("Cities/1/work/1", options)).at(2)).rejects.toMatchObject({ code: "attempt-missing" });
  });

  test("know their parents and children", async () => {
    const run = await Run("Cities/2", options);
    expect(await pathspecs((await run.step("start").task()).children())).toEqual(["Cities/2/work/0", "Cities/2/work/1", "Cities/2/work/2"]);
    expect(await pathspecs((await run.step("join").task()).parents())).toEqual(["Cities/2/work/0", "Cities/2/work/1", "Cities/2/work/2"]);
    expect(await pathspecs((await run.step("work").task(1)).parents())).toEqual(["Cities/2/start/0"]);
    expect(await pathspecs((await run.step("work").task("1")).children())).toEqual(["Cities/2/join/0"]);
    expect(await pathspecs((await run.step("start").task()).parents())).toEqual([]);
    expect(await pathspecs((await run.step("end").task()).children())).toEqual([]);
  });

  test("have what they printed, whole or in part", async () => {
    const start = await Task("Cities/1/start/0", options);
    expect(await start.stdout()).toBe("reading\nno end");
    expect(await start.stderr()).toBe("careful\n");
    expect((await start.log()).map(({ stream, text }) => `${stream} ${text}`).toSorted()).toEqual([
      "stderr careful",
      "stdout no end",
      "stdout reading",
    ]);
    expect((await start.log())[0]?.time).toBeInstanceOf(Date);
    const work = await Task("Cities/1/work/0", options);
    expect(await work.stdout({ last: 2 })).toBe("line 8 of 1\nline 9 of 1\n");
    expect(await work.stdout({ from: 3, to: 5 })).toBe("line 3 of 1\nline 4 of 1\n");
    expect(await work.stdout({ from: -1 })).toBe("line 9 of 1\n");
    expect(await work.stderr()).toBe("");
    expect((await work.log({ from: 1, to: 4, last: 1 })).map(({ text }) => text)).toEqual(["line 3 of 1"]);
  });

  test("that a step has one of need no number", async () => {
    expect((await Task("Cities/2/end", options)).pathspec).toBe("Cities/2/end/0");
    await expect(Task("Cities/2/work", options)).rejects.toMatchObject({
      code: "task-several",
      hint: expect.stringContaining("Cities/2/work/0") as unknown,
    });
  });
});

describe("artifacts", () => {
  test("are what the step stored", async () => {
    const start = await Task("Cities/2/start", options);
    expect(await start.artifact("odd")).toEqual(
      new Map<string, unknown>([
        ["when", new Date(0)],
        ["none", undefined],
      ]),
    );
    expect(await start.artifact("bytes")).toEqual(Buffer.alloc(5000, 7));
    expect(await start.artifact("kind")).toBe("initial");
    expect(await start.artifact("limit")).toBe(2.5);
    expect(await (await Task("Cities/2/risky", options)).artifact("problem")).toMatchObject({ name: "SyntaxError" });
  });

  test("are listed without being read: size, hash, codec, and who set them", async () => {
    const listed = (await Task("Cities/2/work/1", options)).artifacts();
    const about = Object.fromEntries(listed.map(({ name, codec, size, own, source }) => [name, { codec, size, own, source }]));
    expect(about["tried"]).toEqual({ codec: "json", size: 1, own: true, source: "Cities/2/work/1" });
    expect(about["bytes"]).toEqual({ codec: "bytes", size: 5000, own: false, source: "Cities/2/start/0" });
    expect(about["words"]).toEqual({ codec: "text", size: 5000, own: false, source: undefined });
    expect(listed[0]?.name).toBe("tried");
    const text = listed.find(({ name }) => name === "text");
    expect(text?.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await text?.value()).toBe("line 1\nline 2");
  });

  test("of equal content have the same hash, wherever they stand", async () => {
    const hashOf = async (run: string, name: string): Promise<string | undefined> =>
      (await Task(`Cities/${run}/start`, options)).artifacts().find((artifact) => artifact.name === name)?.hash;
    for (const name of ["bytes", "text", "words"]) expect(await hashOf("3", name)).toBe(await hashOf("1", name));
    expect(await hashOf("3", "names")).not.toBe(await hashOf("1", "names"));
  });

  test("of all tasks of a step come in the order of the tasks", async () => {
    const work = (await Run<{ tried: number; text: string }>("Cities/2", options)).step("work");
    expect(await work.artifact("tried").toArray()).toEqual([2, 4, 6]);
    expect(await work.artifact("text").toArray()).toEqual(Array.from({ length: 3 }, () => "line 1\nline 2"));
    const entries = await work.artifact("tried").entries().toArray();
    expect(entries.map(([task, value]) => [task.id, task.reused, value])).toEqual([
      ["0", true, 2],
      ["1", false, 4],
      ["2", true, 6],
    ]);
    // What did not finish is left out.
    expect(await (await Run("Cities/1", options)).step("work").artifact("tried").toArray()).toEqual([2, 6]);
    const misspelt = (await Run("Cities/2", options)).step("work").artifact("tired");
    await expect(misspelt.toArray()).rejects.toMatchObject({ code: "artifact-unknown", hint: expect.stringContaining("tried") as unknown });
  });
});

test.each([
  ["Cities/9", (p: string) => Run(p, options), "run-unknown"],
  ["Citties/1", (p: string) => Run(p, options), "flow-unknown"],
  ["Cities/1/wrok", (p: string) => Step(p, options), "task-unknown"],
  ["Cities/1/work/9", (p: string) => Task(p, options), "task-unknown"],
  ["Cities/1/end/0", (p: string) => Task(p, options), "task-unknown"],
  ["Cities/1/work", (p: string) => Run(p, options), "pathspec-too-long"],
  ["Cities/1", (p: string) => Task(p, options), "pathspec-too-short"],
  ["Cities/1", (p: string) => Step(p, options), "pathspec-too-short"],
  ["Cities 1", (p: string) => Run(p, options), "bad-pathspec"],
])("what is not there is an error that names it: %s", async (pathspec, open, code) => {
  await expect(open(pathspec)).rejects.toMatchObject({ code, message: expect.stringContaining(pathspec.split("/")[0] ?? "") as unknown });
});

test("a flow that never ran, and a datastore that is not there, say so", async () => {
  await expect(Flow("Citties", options).latestRun()).rejects.toMatchObject({
    code: "flow-unknown",
    hint: expect.stringContaining("Cities") as unknown,
  });
  await expect(Flow("Citties", options).runs().toArray()).rejects.toMatchObject({ code: "flow-unknown" });
  const nowhere = { datastore: project.path("nowhere") };
  expect(await flows(nowhere).toArray()).toEqual([]);
  expect(await runs(nowhere).toArray()).toEqual([]);
  await expect(Run("Cities/1", nowhere)).rejects.toMatchObject({ code: "flow-unknown" });
});
