import { describe, expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

/** Lines of the run's own output that a task printed, without the prefix; the run's own words about the task left out. */
function taskLines(output: string, task: string): readonly string[] {
  return output
    .split("\n")
    .filter((line) => line.includes(`[Demo/1/${task}]`))
    .map((line) => line.slice(line.indexOf("]") + 1).trim())
    .filter((line) => !/^(started|done in .*|✗ failed)$/.test(line));
}

describe("what a step prints", () => {
  test("by any means is shown as it comes, and kept with the task, stream by stream", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        head: `
import { execFileSync, spawnSync } from "node:child_process";
import { writeSync } from "node:fs";
import util from "node:util";`,
        steps: `
  @step start() {
    console.log("console.log %s", "formatted", { a: 1 });
    console.error("console.error");
    console.table([{ x: 1 }]);
    process.stdout.write("no newline");
    process.stdout.write(" until here\\n");
    process.stderr.write(Buffer.from("stderr bytes\\n"));
    writeSync(1, "file descriptor 1\\n");
    writeSync(2, "file descriptor 2\\n");
    spawnSync(process.execPath, ["-e", "console.log('child out'); console.error('child err')"], { stdio: "inherit" });
    execFileSync(process.execPath, ["-e", "console.error('quiet child err')"]);
    process.emitWarning("a warning");
    util.log?.("x");
    console.log("ünïcödé 😀");
    console.log("two\\nlines");
    process.stdout.write("the last line has no end");
    this.next(this.end);
  }
  @step end() {}`,
      }),
    });
    const { all } = await project.expectMillrace(0, ["run", "flow.ts"]);
    const results = new Results(project);
    const stdout = await results.logs("Demo/1/start/0", "--stdout");
    const stderr = await results.logs("Demo/1/start/0", "--stderr");
    const inStdout = [
      "console.log formatted { a: 1 }",
      "no newline until here",
      "file descriptor 1",
      "child out",
      "ünïcödé 😀",
      "two",
      "lines",
      "the last line has no end",
    ];
    const inStderr = ["console.error", "stderr bytes", "file descriptor 2", "child err", "quiet child err"];
    const linesOf = (text: string): string[] => text.split("\n").map((line) => line.replace(/^.*\[Demo\/1\/start\/0\] ?/, "").trim());
    expect(linesOf(stdout).filter((line) => inStdout.includes(line))).toEqual(inStdout);
    expect(linesOf(stderr).filter((line) => inStderr.includes(line))).toEqual(inStderr);
    expect(stderr).toContain("a warning");
    expect(linesOf(stdout).filter((line) => inStderr.includes(line))).toEqual([]);
    expect(
      taskLines(all, "start/0")
        .filter((line) => [...inStdout, ...inStderr].includes(line))
        .toSorted(),
    ).toEqual([...inStdout, ...inStderr].toSorted());
    const both = await results.logs("Demo/1/start/0");
    for (const line of [...inStdout, ...inStderr]) expect(linesOf(both)).toContain(line);
    expect(await results.logs("Demo/1/end/0")).toBe("");
  });

  test("in tasks that run side by side is never mixed within a line, and each line says whose it is", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "type Inputs",
        steps: `
  @step start() { this.next(this.body, { foreach: [0, 1, 2, 3] }); }
  @step async body(n: number) {
    for (let turn = 0; turn < 20; turn++) {
      process.stdout.write("task " + n);
      await new Promise((resolve) => setImmediate(resolve));
      process.stdout.write(" says " + turn + "\\n");
    }
    this.next(this.join);
  }
  @step join(inputs: Inputs<this>) { this.next(this.end); }
  @step end() {}`,
      }),
    });
    const { stdout } = await project.expectMillrace(0, ["run", "flow.ts"]);
    for (const n of [0, 1, 2, 3]) {
      const expected = Array.from({ length: 20 }, (_, turn) => `task ${n} says ${turn}`);
      expect(taskLines(stdout, `body/${n}`)).toEqual(expected);
      expect(await new Results(project).logs(`Demo/1/body/${n}`, "--stdout")).toContain(`${expected.join("\n")}\n`);
    }
  });

  test("with pino, winston and debug is kept like any other output", async () => {
    await using project = await Project.create(
      {
        "flow.ts": flowText({
          head: `
import pino from "pino";
import winston from "winston";
import debug from "debug";
const log = pino();
const asyncLog = pino(pino.destination({ sync: false }));
const wlog = winston.createLogger({ transports: [new winston.transports.Console()] });
const dlog = debug("flow");`,
          steps: `
  @step start() { log.info("from pino"); asyncLog.info("from async pino"); wlog.info("from winston"); dlog("from debug"); this.next(this.end); }
  @step end() { log.info("pino at the end"); asyncLog.info("async pino at the end"); wlog.info("winston at the end"); dlog("debug at the end"); }`,
        }),
      },
      { packages: ["pino", "winston", "debug"] },
    );
    const { all } = await project.expectMillrace(0, ["run", "flow.ts"], { env: { DEBUG: "flow" } });
    const results = new Results(project);
    const [start, end] = [await results.logs("Demo/1/start/0"), await results.logs("Demo/1/end/0")];
    for (const library of ["pino", "async pino", "winston", "debug"]) {
      expect(start).toContain(`from ${library}`);
      expect(end).toContain(`${library} at the end`);
      expect(all).toContain(`${library} at the end`);
    }
    expect(start).not.toContain("at the end");
    expect(end).not.toContain("from ");
  });

  test("before a crash is not lost", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        steps: `\n  @step start() { console.log("last words"); process.stdout.write("half a line"); process.kill(process.pid, "SIGKILL"); for (;;); this.next(this.end); }\n  @step end() {}`,
      }),
    });
    const { all } = await project.expectMillrace(1, ["run", "flow.ts"]);
    expect(taskLines(all, "start/0")).toEqual(["last words", "half a line"]);
    expect(await new Results(project).logs("Demo/1/start/0", "--stdout")).toContain("last words\nhalf a line");
  });

  test("at module scope is shown once, with the run", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        head: `console.log("module", "scope");\nconsole.error("banner");`,
        steps: `\n  @step start() { this.next(this.end); }\n  @step end() {}`,
      }),
    });
    const { stdout } = await project.expectMillrace(0, ["run", "flow.ts"]);
    expect(stdout.match(/^.*\[Demo\/1\] .*module scope$/gm)).toHaveLength(1);
    expect(stdout.match(/^.*\[Demo\/1\] .*banner$/gm)).toHaveLength(1);
    expect(await new Results(project).logs("Demo/1")).toBe("");
  });

  test("at module scope, and after its step has ended, does not end up with another task", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        head: `console.log("module scope");`,
        steps: `
  @step start() { console.log("in start"); setTimeout(() => console.log("too late"), 0); this.next(this.end); }
  @step async end() { await new Promise((resolve) => setTimeout(resolve, 50)); console.log("in end"); }`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts", "--max-workers", "1"]);
    const results = new Results(project);
    expect(await results.logs("Demo/1/start/0")).toContain("in start");
    const end = await results.logs("Demo/1/end/0");
    expect(end).toContain("in end");
    expect(end).not.toContain("in start");
    expect(end).not.toContain("too late");
  });

  test("beyond the limit is cut in the middle, and says how much", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        steps: `\n  @step start() { console.log("the first line"); for (let n = 0; n < 20000; n++) console.log("line " + n); console.log("the last line"); this.next(this.end); }\n  @step end() {}`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts", "--max-log-size", "0.05"]);
    const log = await new Results(project).logs("Demo/1/start/0", "--stdout");
    expect(log.length).toBeLessThan(60_000);
    expect(log).toContain("the first line");
    expect(log).toContain("the last line");
    expect(log).toMatch(/left out|dropped|omitted|cut/i);
  });
});

describe("millrace logs", () => {
  test("shows a run, a step, a task, a stream, an attempt, and times", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "current, retry, type Inputs",
        steps: `
  @step start() { console.log("start out"); this.next(this.body, { foreach: [0, 1] }); }
  @step @retry({ times: 1, delay: "0s" }) body(n: number) { console.log("body " + n + " attempt " + current.retryCount); console.error("body " + n + " err"); if (n === 1 && current.retryCount === 0) throw new Error("once"); this.next(this.join); }
  @step join(inputs: Inputs<this>) { this.next(this.end); }
  @step end() { console.log("end out"); }`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    const results = new Results(project);
    const run = await results.logs("Demo/latest");
    expect(["start out", "body 0 attempt 0", "body 1 attempt 1", "end out"].map((text) => run.includes(text))).toEqual([true, true, true, true]);
    expect(run.indexOf("start out")).toBeLessThan(run.indexOf("body 0"));
    expect(run.indexOf("body 1")).toBeLessThan(run.indexOf("end out"));
    const step = await results.logs("Demo/1/body");
    expect(step).not.toContain("start out");
    expect(step).toContain("body 0 attempt 0");
    expect(await results.logs("Demo/1/body/1", "--attempt", "0", "--stdout")).toBe("body 1 attempt 0\n");
    expect(await results.logs("Demo/1/body/1", "--attempt", "0", "--stderr")).toBe("body 1 err\n");
    expect(await results.logs("Demo/1/body/1", "--stdout")).toBe("body 1 attempt 1\n");
    expect(await results.logs("Demo/1/start/0", "--timestamps")).toMatch(/^[-\d]+ \d\d:\d\d:\d\d\.\d{3} start out$/m);
    expect((await project.expectMillrace(1, ["logs", "Demo/1/body/7"])).all).toMatch(/body\/7/);
    expect((await project.millrace(["logs", "Demo/9"])).all).toMatch(/Demo.*\b9\b/);
    expect((await project.millrace(["logs", "Other/1"])).all).toMatch(/Other/);
  });

  test("--follow shows what a running task prints, and ends with the run", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        steps: `
  @step async start() { console.log("before the gate"); await gate("one"); console.log("after the gate"); await gate("two"); this.next(this.end); }
  @step end() { console.log("the end"); }`,
      }),
    });
    const run = project.start(["run", "flow.ts"]);
    await project.gates.reached("one");
    const follower = project.start(["logs", "Demo/1", "--follow"]);
    await follower.printed("before the gate");
    expect(follower.output).not.toContain("after the gate");
    project.gates.open("one");
    await follower.printed("after the gate");
    project.gates.open("two");
    expect((await run.result).code).toBe(0);
    const followed = await follower.result;
    expect(followed.code).toBe(0);
    for (const line of ["before the gate", "after the gate", "the end"]) expect(followed.stdout.split(line)).toHaveLength(2);
  });
});

describe("run's own output", () => {
  const flow = flowText({
    imports: "retry, current, type Inputs",
    head: `function helper(n: number): number {\n  if (n === 1) throw new RangeError("item " + n + " is bad");\n  return n;\n}`,
    steps: `
  @step start() { console.log("hello from start"); this.next(this.body, { foreach: [0, 1] }); }
  @step body(n: number) {
    helper(n);
    this.next(this.join);
  }
  @step join(inputs: Inputs<this>) { this.next(this.end); }
  @step end() {}`,
  });

  test("is plain lines with time and task, a failure with its place in TypeScript, and the command to go on", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    const { all, stdout } = await project.expectMillrace(1, ["run", "flow.ts"]);
    expect(stdout).toMatch(/^[-\d]+ \d\d:\d\d:\d\d\.\d{3} \[Demo\/1\/start\/0\] hello from start$/m);
    expect(all).not.toContain("\u001b[");
    expect(all).toContain("RangeError: item 1 is bad");
    expect(all).toMatch(/> *\d+ \|.*throw new RangeError/);
    expect(all).toMatch(/flow\.ts:4.* in helper/);
    expect(all).toMatch(/flow\.ts:\d+.* in Demo\.body/);
    expect(all).not.toMatch(/dist\/|node:internal|node_modules/);
    expect(all).toContain("millrace resume flow.ts");
  });

  test("--quiet leaves failures and the last line; --json is one event a line", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    const quiet = await project.expectMillrace(1, ["run", "flow.ts", "--quiet"]);
    expect(quiet.all).not.toContain("hello from start");
    expect(quiet.all).toContain("item 1 is bad");
    const json = project.start(["run", "flow.ts", "--json"]);
    const { stdout, code } = await json.result;
    expect(code).toBe(1);
    expect(stdout.endsWith("\n")).toBe(true);
    expect(json.events[0]).toMatchObject({ type: "run-started", pathspec: "Demo/2" });
    expect(json.events.at(-1)).toMatchObject({
      type: "run-finished",
      pathspec: "Demo/2",
      status: "failed",
      failures: [{ pathspec: "Demo/2/body/1" }],
    });
    expect(json.events.find((event) => event.type === "task-output")).toMatchObject({
      stream: "stdout",
      text: expect.stringContaining("hello from start"),
    });
  });

  test("writes the run's id to a file as soon as it is known", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({ steps: `\n  @step async start() { await gate("wait"); this.next(this.end); }\n  @step end() {}` }),
    });
    const run = project.start(["run", "flow.ts", "--run-id-file", "id.txt"]);
    await project.gates.reached("wait");
    expect((await project.read("id.txt")).trim()).toMatch(/^(Demo\/)?1$/);
    project.gates.openAll();
    expect((await run.result).code).toBe(0);
  });
});
