import { rm, writeFile } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

const flow = `import { FlowSpec, parameter, retry, step, type Inputs } from "millrace";
export default class Cities extends FlowSpec {
  limit = parameter({ default: 2.5 });
  names = parameter({ default: ["Oslo", "Lima"] });
  text!: string;
  bytes!: Buffer;
  odd!: Map<string, unknown>;
  tried!: number;
  sum!: number;
  @step start() {
    console.log("reading");
    console.error("careful");
    process.stdout.write("no end");
    this.text = "line 1\\nline 2";
    this.bytes = Buffer.from([0, 255, 10]);
    this.odd = new Map<string, unknown>([["when", new Date(0)], ["none", undefined]]);
    this.next(this.work, { foreach: [1, 2, 3], label: (n) => "no. " + n });
  }
  @retry({ times: 1, delay: "0s" }) @step work(n: number) {
    console.log("working on", n);
    this.tried = n;
    if (n === 2 && process.env["BREAK"] === "1") throw new RangeError("two is too many");
    this.next(this.join);
  }
  @step join(inputs: Inputs<this>) { this.sum = inputs.reduce((sum, input) => sum + input.tried, 0); this.next(this.end); }
  @step end() {}
}
`;

/** Cities/1 fails at work/1 and keeps going; Cities/2 goes on from it; Other/1 is another flow's. */
let project: Project;
let results: Results;

beforeAll(async () => {
  const other = flow.replace("class Cities", "class Other").replace("[1, 2, 3]", "[1]");
  project = await Project.create({ "flow.ts": flow, "other.ts": other });
  results = new Results(project);
  await project.expectMillrace(1, ["run", "flow.ts", "--keep-going", "--tag", "first", "--tag", "night", "--run-id-file", "id"], {
    env: { BREAK: "1" },
  });
  await project.expectMillrace(0, ["resume", "flow.ts", "--tag", "second"]);
  await project.expectMillrace(0, ["run", "other.ts", "--limit", "7", "--quiet"]);
});

afterAll(async () => {
  await project[Symbol.asyncDispose]();
});

async function out(...args: readonly string[]): Promise<string> {
  return (await project.expectMillrace(0, args)).stdout;
}

describe("runs", () => {
  test("lists all, the newest first, and says of each what API says", async () => {
    const rows = await results.runs();
    expect(rows.map((row) => [row.pathspec, row.status])).toEqual([
      ["Other/1", "done"],
      ["Cities/2", "done"],
      ["Cities/1", "failed"],
    ]);
    expect(rows[1]).toEqual({
      pathspec: "Cities/2",
      status: "done",
      parameters: { limit: 2.5, names: ["Oslo", "Lima"] },
      tags: expect.arrayContaining(["second"]) as unknown,
      user: expect.any(String) as unknown,
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as unknown,
      finishedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as unknown,
      origin: "Cities/1",
    });
    expect(rows[2]).toMatchObject({ tags: ["first", "night"], origin: null });
  });

  test("can be filtered", async () => {
    const named = async (...args: readonly string[]): Promise<string[]> => {
      const rows: unknown = JSON.parse(await out("runs", ...args, "--json"));
      return (rows as readonly { pathspec: string }[]).map((row) => row.pathspec);
    };
    expect(await named("Cities")).toEqual(["Cities/2", "Cities/1"]);
    expect(await named("--status", "failed")).toEqual(["Cities/1"]);
    expect(await named("--tag", "first", "--tag", "night")).toEqual(["Cities/1"]);
    expect(await named("--tag", "nothing")).toEqual([]);
    expect(await named("--limit", "2")).toEqual(["Other/1", "Cities/2"]);
    expect(await named("--user", "tester", "--since", "1h")).toEqual(["Other/1", "Cities/2", "Cities/1"]);
    expect(await named("--user", "nobody")).toEqual([]);
    expect(await named("--since", "2100-01-01")).toEqual([]);
    expect((await project.expectMillrace(2, ["runs", "--since", "lately"])).stderr).toContain("“lately”");
  });

  test("are a table for people", async () => {
    const text = await out("runs", "--limit", "2");
    expect(text).toMatch(/^RUN +STATUS +STARTED +TOOK +PARAMETERS +TAGS\nOther\/1 +done +.* ago|just now/);
    expect(text).toContain("limit=7 names=[ 'Oslo', 'Lima' ]");
    expect(text).toContain("--limit shows more");
  });

  test("say so when there are none", async () => {
    expect(await out("runs", "--datastore", "nowhere")).toBe("There are no runs in nowhere yet. millrace run flow.ts starts one.\n");
    expect(await out("runs", "--datastore", "nowhere", "--json")).toBe("[]\n");
    expect(readdirSync(project.root)).not.toContain("nowhere");
  });

  test("of an unknown flow are an error that knows a near name", async () => {
    const { stderr } = await project.expectMillrace(1, ["runs", "Citties"]);
    expect(stderr).toContain("flow-unknown");
    expect(stderr).toContain("Did you mean Cities?");
  });
});

describe("status", () => {
  test("tells steps and tasks", async () => {
    const status = await results.status("Cities/1");
    expect(status).toMatchObject({ pathspec: "Cities/1", status: "failed" });
    expect(status.steps).toEqual([
      { name: "start", tasks: { done: 1, failed: 0, running: 0, reused: 0 } },
      { name: "work", tasks: { done: 2, failed: 1, running: 0, reused: 0 } },
      { name: "join", tasks: { done: 0, failed: 0, running: 0, reused: 0 } },
      { name: "end", tasks: { done: 0, failed: 0, running: 0, reused: 0 } },
    ]);
    expect(status.tasks.map((task) => [task.pathspec, task.status, task.attempt, task.reused])).toEqual([
      ["Cities/1/start/0", "done", 0, false],
      ["Cities/1/work/0", "done", 0, false],
      ["Cities/1/work/1", "failed", 1, false],
      ["Cities/1/work/2", "done", 0, false],
    ]);
    expect(status.tasks[0]?.error).toBeNull();
    expect(status.tasks[2]?.error).toMatchObject({ name: "RangeError", message: "two is too many" });
  });

  test("tells what was reused, under the run's own name", async () => {
    const status = await results.status("Cities/latest");
    expect(status.pathspec).toBe("Cities/2");
    expect(status.tasks.map((task) => [task.pathspec, task.reused])).toEqual([
      ["Cities/2/start/0", true],
      ["Cities/2/work/0", true],
      ["Cities/2/work/1", false],
      ["Cities/2/work/2", true],
      ["Cities/2/join/0", false],
      ["Cities/2/end/0", false],
    ]);
    expect(status.tasks[0]?.startedAt).toMatch(/^\d{4}-/);
  });

  test("shows people what failed, and the commands that go on", async () => {
    const text = await out("status", "Cities/1");
    expect(text).toMatch(/^Cities\/1 {2}failed after /);
    expect(text).toMatch(/STEP +DONE +FAILED +RUNNING +REUSED +TOOK\nstart +1 +- +- +- /);
    expect(text).toContain("✗ Cities/1/work/1 (no. 2) (attempt 2)  RangeError: two is too many  flow.ts:22:56");
    expect(text).toContain("its output  millrace logs Cities/1/work/1");
    expect(text).toContain("go on       millrace resume flow.ts --origin-run-id 1");
    const resumed = await out("status", "Cities");
    expect(resumed).toContain("goes on from  Cities/1");
    expect(resumed).toContain("results  millrace dump Cities/2/end");
  });

  test("of things that are not there says what is", async () => {
    const hint = async (pathspec: string): Promise<string> => (await project.expectMillrace(1, ["status", pathspec])).stderr;
    expect(await hint("Cities/9")).toContain("The newest is Cities/2");
    expect(await hint("Nothing/1")).toContain("flow-unknown");
    expect((await project.expectMillrace(2, ["status", "Cities/1/work"])).stderr).toContain("pathspec-too-long");
  });
});

describe("logs", () => {
  test("are what a task printed, as it printed it", async () => {
    expect(await out("logs", "Cities/1/start/0", "--stdout")).toBe("reading\nno end");
    expect(await out("logs", "Cities/1/start/0", "--stderr")).toBe("careful\n");
    const both = await out("logs", "Cities/1/start");
    expect(
      both
        .split("\n")
        .filter((line) => line !== "")
        .toSorted(),
    ).toEqual(["careful", "no end", "reading"]);
    expect(await out("logs", "Cities/1/start/0", "--stdout", "--stderr")).toBe(both);
  });

  test("of several tasks say which task printed what", async () => {
    expect(await out("logs", "Cities/1/work")).toBe("[work/0 (no. 1)] working on 1\n[work/1 (no. 2)] working on 2\n[work/2 (no. 3)] working on 3\n");
    const run = await out("logs", "Cities/1", "--stderr");
    expect(run).toBe("[start] careful\n");
  });

  test("have times when asked", async () => {
    expect(await out("logs", "Cities/1/work/2", "--timestamps")).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} working on 3\n$/);
  });

  test("of attempts can be told apart", async () => {
    expect(await out("logs", "Cities/1/work/1", "--attempt", "0")).toBe("working on 2\n");
    expect((await project.expectMillrace(1, ["logs", "Cities/1/work/1", "--attempt", "2"])).stderr).toContain("Its attempts are 0 to 1.");
    expect((await project.expectMillrace(2, ["logs", "Cities/1/work/1", "--attempt", "0", "--follow"])).stderr).toContain("options-exclude");
  });

  test("of reused tasks are found where they ran", async () => {
    expect(await out("logs", "Cities/2/work/0")).toBe("working on 1\n");
  });

  test("of tasks that are not there say what is near", async () => {
    expect((await project.expectMillrace(1, ["logs", "Cities/1/wrok/1"])).stderr).toContain("Did you mean Cities/1/work?");
    expect((await project.expectMillrace(1, ["logs", "Cities/1/start/7"])).stderr).toContain("Did you mean Cities/1/start/0?");
    expect((await project.expectMillrace(2, ["logs", "Cities/1/work/1/tried"])).stderr).toContain("pathspec-too-long");
  });

  test("with --follow of a run that is over end with it", async () => {
    expect(await out("logs", "Cities/1/work", "--follow")).toBe(await out("logs", "Cities/1/work"));
  });
});

describe("dump", () => {
  test("shows values in short, a task's own first", async () => {
    const text = await out("dump", "Cities/1/start");
    expect(text).toMatch(/^Cities\/1\/start\/0\n {2}text +'line 1\\nline 2'\n/);
    expect(text).toContain("<Buffer 00 ff 0a>");
    expect(text).toContain("limit  2.5");
    expect(text.indexOf("odd")).toBeLessThan(text.indexOf("limit"));
  });

  test("as JSON holds everything, by task", async () => {
    expect(await results.dump("Cities/1/start", "--include", "text,odd", "--include", "bytes")).toEqual({
      "start/0": {
        text: "line 1\nline 2",
        bytes: { $type: "Buffer", value: "AP8K" },
        odd: {
          $type: "Map",
          value: [
            ["when", { $type: "Date", value: "1970-01-01T00:00:00.000Z" }],
            ["none", { $type: "undefined" }],
          ],
        },
      },
    });
    expect(Object.keys(await results.dump("Cities/2"))).toEqual(["start/0", "work/0", "work/1", "work/2", "join/0", "end/0"]);
    expect((await results.dump("Cities/2/work/0"))["work/0"]).toMatchObject({ tried: 1, text: "line 1\nline 2", limit: 2.5 });
    expect(await results.artifact("Cities/2/end/0", "sum")).toBe(6);
  });

  test("of one artifact is the whole value: texts and bytes as they are", async () => {
    expect(await out("dump", "Cities/1/start/0/text")).toBe("line 1\nline 2\n");
    expect(await out("dump", "Cities/1/start/0/limit")).toBe("2.5\n");
    expect((await out("dump", "Cities/1/start/0/bytes")).codePointAt(0)).toBe(0);
    expect(JSON.parse(await out("dump", "Cities/1/start/0/text", "--json"))).toEqual({ "Cities/1/start/0": { text: "line 1\nline 2" } });
  });

  test("of a failed task, named, is what it had; else it is left out", async () => {
    expect(Object.keys(await results.dump("Cities/1/work"))).toEqual(["work/0", "work/2"]);
    expect((await results.dump("Cities/1/work/1"))["work/1"]).toMatchObject({ tried: 2 });
    expect((await project.expectMillrace(0, ["dump", "Cities/1/work"])).stderr).toContain("1 task that did not finish left out.");
    expect(await out("dump", "Cities/1/work/1", "--attempt", "0")).toContain("Cities/1/work/1 (no. 2) failed (attempt 1)");
  });

  test("of an artifact that is not there says which are", async () => {
    const { stderr } = await project.expectMillrace(1, ["dump", "Cities/2/end/0/summ"]);
    expect(stderr).toContain("artifact-unknown");
    expect(stderr).toContain("sum");
    await project.expectMillrace(1, ["dump", "Cities/1/work", "--include", "nothing"]);
  });
});

test("the run's id was written to the file that was asked for", async () => {
  expect(await project.read("id")).toBe("1");
});

test("a run's own code can be resumed without its file", async () => {
  await using own = await Project.create({ "flow.ts": flow });
  await own.expectMillrace(1, ["run", "flow.ts"], { env: { BREAK: "1" } });
  await rm(own.path("flow.ts"));
  await own.expectMillrace(0, ["resume", "Cities/1"]);
  expect(await new Results(own).artifact("Cities/2/end/0", "sum")).toBe(6);
  expect((await own.expectMillrace(2, ["resume", "Cities/1", "--origin-run-id", "1"])).stderr).toContain("options-exclude");
});

test("settings of the project hold for every command in it, wherever it is typed", async () => {
  await using own = await Project.create({
    "flow.ts": flow,
    "sub/empty": "",
    "millrace.config.json": '{ "datastore": "kept", "parameters": { "Cities": { "limit": 9 } } }',
  });
  await own.expectMillrace(0, ["run", "../flow.ts", "--quiet"], { cwd: own.path("sub") });
  const { stdout } = await own.expectMillrace(0, ["runs", "--json"], { cwd: own.path("sub") });
  expect(JSON.parse(stdout)).toMatchObject([{ pathspec: "Cities/1", parameters: { limit: 9 } }]);
  expect(readdirSync(own.path("kept"))).toContain("flows");
});

test("a damaged artifact is named, and the rest is shown", async () => {
  await using own = await Project.create({
    "flow.ts": `import { FlowSpec, step } from "millrace";
export default class Large extends FlowSpec {
  small = 1;
  large!: string;
  @step start() { this.large = "x".repeat(200_000) + Math.random(); this.next(this.end); }
  @step end() {}
}
`,
  });
  await own.expectMillrace(0, ["run", "flow.ts", "--quiet"]);
  for (const group of readdirSync(own.path(".millrace/blobs"))) {
    for (const name of readdirSync(own.path(".millrace/blobs", group))) await writeFile(own.path(".millrace/blobs", group, name), "damaged");
  }
  const { stdout, stderr } = await own.expectMillrace(1, ["dump", "Large/1/start", "--json"]);
  expect(JSON.parse(stdout)).toEqual({ "Large/1/start/0": { small: 1 } });
  expect(stderr).toContain("Large/1/start/0/large");
});
