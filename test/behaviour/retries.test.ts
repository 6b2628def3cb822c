import { describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/core/run-event.js";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

const failures = (events: readonly RunEvent[]): readonly Extract<RunEvent, { type: "task-failed" }>[] =>
  events.filter((event) => event.type === "task-failed");

/** Times at which a task's attempts began and failed, from the step's own notes. */
function notes(project: Project, word: string): readonly number[] {
  return project.ledger.filter((line) => line.startsWith(`${word} `)).map((line) => Number(line.split(" ")[1]));
}

describe("@retry", () => {
  test("tries again, from the same inputs, as often as it was told", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "current, retry",
        fields: "list = [0]; count = 0; spoilt?: string; attempts!: number;",
        steps: `
  @step start() { this.list.push(1); this.next(this.flaky); }
  @step @retry({ times: 3, delay: "0s" }) flaky() {
    note("attempt " + current.retryCount + " " + JSON.stringify(this.list) + " " + this.count + " " + this.spoilt);
    this.list.push(2); this.count += 1; this.spoilt = "yes";
    if (current.retryCount < 3) throw new Error("attempt " + current.retryCount);
    this.attempts = current.retryCount;
    this.next(this.end);
  }
  @step end() {}`,
      }),
    });
    const { stdout } = await project.expectMillrace(0, ["run", "flow.ts"]);
    expect(project.ledger).toEqual([0, 1, 2, 3].map((attempt) => `attempt ${attempt} [0,1] 0 undefined`));
    const end = (await new Results(project).dump("Demo/1/end/0"))["end/0"];
    expect(end).toMatchObject({ list: [0, 1, 2], count: 1, spoilt: "yes", attempts: 3 });
    expect(stdout).toMatch(/attempt 2/);
    const { tasks } = await new Results(project).status("Demo/1");
    expect(tasks.map((task) => [task.pathspec, task.attempt])).toEqual([
      ["Demo/1/start/0", 0],
      ["Demo/1/flaky/0", 3],
      ["Demo/1/end/0", 0],
    ]);
  });

  test("gives up after the last attempt, and every attempt's state and log can be read", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "current, retry",
        fields: "step1!: string; reached!: number;",
        steps: `
  @step @retry({ times: 2, delay: "0s" }) start() {
    console.log("this is attempt", current.retryCount);
    this.reached = current.retryCount * 10;
    throw new Error("no luck " + current.retryCount);
    this.next(this.end);
  }
  @step end() {}`,
      }),
    });
    const { all } = await project.expectMillrace(1, ["run", "flow.ts"]);
    expect(all).toContain("no luck 2");
    const results = new Results(project);
    expect(await results.artifact("Demo/1/start/0", "reached")).toBe(20);
    expect(await results.logs("Demo/1/start/0")).toContain("this is attempt 2");
    expect(await results.logs("Demo/1/start/0", "--attempt", "0")).toContain("this is attempt 0");
    expect(await results.logs("Demo/1/start/0", "--attempt", "1")).not.toContain("this is attempt 0");
    expect((await results.status("Demo/1")).tasks).toMatchObject([{ pathspec: "Demo/1/start/0", status: "failed", attempt: 2 }]);
  });

  test("waits between attempts, longer each time, up to the most, while other tasks go on", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "current, retry, type Inputs",
        steps: `
  @step start() { this.next(this.flaky, this.other); }
  @step @retry({ times: 3, delay: "300ms", backoff: 3, maxDelay: "500ms", jitter: false }) flaky() {
    note("begin " + Date.now());
    if (current.retryCount < 3) { note("fail " + Date.now()); throw new Error("again"); }
    this.next(this.join);
  }
  @step async other() { await gate("other"); this.next(this.join); }
  @step join(inputs: Inputs<this>) { this.next(this.end); }
  @step end() {}`,
      }),
    });
    const run = project.start(["run", "flow.ts", "--json", "--max-workers", "1"]);
    await project.gates.reached("other");
    project.gates.openAll();
    expect((await run.result).code).toBe(0);
    expect(failures(run.events).map((event) => [event.retryInMs, event.retriesLeft])).toEqual([
      [300, 3],
      [500, 2],
      [500, 1],
    ]);
    const begins = notes(project, "begin");
    const waits = notes(project, "fail").map((time, place) => (begins[place + 1] ?? 0) - time);
    expect(
      waits.every((wait, place) => wait >= (place === 0 ? 300 : 500) - 1),
      JSON.stringify(waits),
    ).toBe(true);
  });

  test("has a jitter that keeps the wait between half and one and a half of the delay", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "retry",
        steps: `
  @step @retry({ times: 4, delay: "20ms", backoff: 1 }) start() { throw new Error("again"); this.next(this.end); }
  @step end() {}`,
      }),
    });
    const run = project.start(["run", "flow.ts", "--json"]);
    expect((await run.result).code).toBe(1);
    const waits = failures(run.events).map((event) => event.retryInMs);
    expect(waits).toHaveLength(5);
    expect(waits.at(-1)).toBeUndefined();
    for (const wait of waits.slice(0, -1)) {
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(40);
    }
  });

  test("asks \`if\` whether a failure is worth another try", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "current, retry, type Inputs",
        head: `class Busy extends Error { constructor(readonly status: number) { super("status " + status); } }`,
        steps: `
  @step start() { this.next(this.body, { foreach: [503, 404, 0] }); }
  @step @retry({ times: 2, delay: "0s", if: (error) => error instanceof Busy && error.status === 503 }) body(status: number) {
    note("try " + status + " " + current.retryCount);
    if (status > 0) throw new Busy(status);
    throw new TypeError("no status");
    this.next(this.join);
  }
  @step join(inputs: Inputs<this>) { this.next(this.end); }
  @step end() {}`,
      }),
    });
    await project.expectMillrace(1, ["run", "flow.ts", "--keep-going"]);
    expect(project.ledger.toSorted()).toEqual(["try 0 0", "try 404 0", "try 503 0", "try 503 1", "try 503 2"]);
  });

  test("works bare, is added by --with where the code has none, and the code's own wins", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "current, retry, type Inputs",
        steps: `
  @step start() { note("start " + current.retryCount); if (current.retryCount < 2) throw new Error("start"); this.next(this.own); }
  @step @retry({ times: 1, delay: "0s" }) own() { note("own " + current.retryCount); throw new Error("own"); this.next(this.end); }
  @step @retry end() {}`,
      }),
    });
    await project.expectMillrace(1, ["run", "flow.ts", "--with", "retry:times=2,delay=0s"]);
    expect(project.ledger).toEqual(["start 0", "start 1", "start 2", "own 0", "own 1"]);
  });

  test("keeps the other attempts for a resume: a resumed task has all its attempts again", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "current, retry",
        steps: `
  @step start() { this.next(this.flaky); }
  @step @retry({ times: 1, delay: "0s" }) flaky() { note("try " + current.retryCount); throw new Error("no"); this.next(this.end); }
  @step end() {}`,
      }),
    });
    await project.expectMillrace(1, ["run", "flow.ts"]);
    await project.expectMillrace(1, ["resume", "flow.ts"]);
    expect(project.ledger).toEqual(["try 0", "try 1", "try 0", "try 1"]);
  });
});
