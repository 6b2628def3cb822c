import { describe, expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

const flow = flowText({
  imports: "parameter, type Inputs",
  fields: `alpha = parameter({ default: 1 }); bag!: unknown; marked!: unknown; one!: number; big!: number[];`,
  steps: `
  @step start() {
    this.bag = { date: new Date(0), big: 12n, nan: NaN, minus: -0, none: undefined, map: new Map([["k", new Set([1])]]), bytes: Buffer.from("hi"), floats: new Float32Array([0.5]), re: /x/g, error: new RangeError("far"), plain: [null, "text"] };
    this.marked = { "$type": "mine", more: 1 };
    this.big = Array.from({ length: 5000 }, (_, n) => n);
    this.next(this.body, { foreach: [1, 2] });
  }
  @step body(n: number) { this.one = n; if (process.env.FAIL && n === 2) throw new TypeError("not " + n); this.next(this.join); }
  @step join(inputs: Inputs<this>) { this.one = inputs.length; this.next(this.end); }
  @step end() {}`,
});

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe("the commands that read", () => {
  test("print JSON of the shape that the reference gives", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    await project.expectMillrace(1, ["run", "flow.ts", "--alpha", "3", "--tag", "t"], { env: { FAIL: "1" } });
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    const results = new Results(project);
    const first = {
      pathspec: "Demo/1",
      status: "failed",
      parameters: { alpha: 3 },
      tags: ["t"],
      user: "tester",
      startedAt: TIME,
      finishedAt: TIME,
      origin: null,
    };
    const second = { ...first, pathspec: "Demo/2", status: "done", tags: expect.any(Array), origin: "Demo/1" };
    expect(await results.runs()).toEqual([second, first]);
    const task = (name: string, more: object): object => ({
      pathspec: `Demo/1/${name}`,
      status: "done",
      attempt: 0,
      reused: false,
      startedAt: TIME,
      finishedAt: TIME,
      error: null,
      ...more,
    });
    expect(await results.status("Demo/1")).toEqual({
      ...first,
      steps: [
        { name: "start", tasks: { done: 1, failed: 0, running: 0, reused: 0 } },
        { name: "body", tasks: { done: 1, failed: 1, running: 0, reused: 0 } },
        { name: "join", tasks: { done: 0, failed: 0, running: 0, reused: 0 } },
        { name: "end", tasks: { done: 0, failed: 0, running: 0, reused: 0 } },
      ],
      tasks: [
        task("start/0", {}),
        task("body/0", {}),
        task("body/1", { status: "failed", error: expect.objectContaining({ name: "TypeError", message: "not 2" }) }),
      ],
    });
    expect((await results.status("Demo/2")).steps.map((step) => [step.name, step.tasks])).toEqual([
      ["start", { done: 0, failed: 0, running: 0, reused: 1 }],
      ["body", { done: 1, failed: 0, running: 0, reused: 1 }],
      ["join", { done: 1, failed: 0, running: 0, reused: 0 }],
      ["end", { done: 1, failed: 0, running: 0, reused: 0 }],
    ]);
  });

  test("dump writes what JSON cannot say with its type, and text short unless one artifact is asked for", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    const results = new Results(project);
    const bag = (await results.artifact("Demo/1/start/0", "bag")) as Record<string, { $type?: string; value?: unknown }>;
    expect(bag).toEqual({
      date: { $type: "Date", value: "1970-01-01T00:00:00.000Z" },
      big: { $type: "bigint", value: "12" },
      nan: { $type: "number", value: "NaN" },
      minus: { $type: "number", value: "-0" },
      none: { $type: "undefined" },
      map: { $type: "Map", value: [["k", { $type: "Set", value: [1] }]] },
      bytes: { $type: "Buffer", value: Buffer.from("hi").toString("base64") },
      floats: { $type: "Float32Array", value: [0.5] },
      re: { $type: "RegExp", value: "/x/g" },
      error: expect.objectContaining({ $type: "RangeError" }),
      plain: [null, "text"],
    });
    // A key of the user's own that looks like the mark cannot be taken for it.
    expect(await results.artifact("Demo/1/start/0", "marked")).toEqual({
      $type: "Object",
      value: [
        ["$type", "mine"],
        ["more", 1],
      ],
    });
    const whole = (await project.expectMillrace(0, ["dump", "Demo/1/start/0/big"])).stdout;
    expect(whole).toContain("4999");
    const short = (await project.expectMillrace(0, ["dump", "Demo/1/start/0"])).stdout;
    expect(short.length).toBeLessThan(4000);
    expect(short).toContain("big");
    expect(Object.keys(await results.dump("Demo/1", "--include", "one"))).toEqual(["start/0", "body/0", "body/1", "join/0", "end/0"]);
    expect(await results.dump("Demo/latest/body", "--include", "one,alpha")).toEqual({
      "body/0": { alpha: 1, one: 1 },
      "body/1": { alpha: 1, one: 2 },
    });
  });

  test("need no flow file, no package.json and no installed package, only the datastore", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    const store = ["--datastore", project.path(".millrace")];
    await using elsewhere = await Project.create({}, { manifest: null, installed: false });
    for (const args of [["runs"], ["runs", "Demo"], ["status", "Demo/1"], ["logs", "Demo/1"], ["dump", "Demo/1/end"]])
      await elsewhere.expectMillrace(0, [...args, ...store]);
  });
});
