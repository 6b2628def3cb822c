import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { TaskOutcome } from "../../src/core/task-spec.js";
import { formatLog, parseLog } from "../../src/datastore/task-log.js";
import { sampleAttempt } from "../datastore/sample-records.js";
import { until } from "../rig/condition.js";
import { killHard } from "../rig/processes.js";
import { CORES, OpenPool, type Submitted } from "./open-pool.js";

/** What a scripted task said of its process. */
const said = (outcome: TaskOutcome): string | undefined =>
  outcome.status === "done" && outcome.transition.kind === "next" ? outcome.transition.targets[0] : undefined;
const failureOf = (outcome: TaskOutcome) => (outcome.status === "failed" ? outcome.failure : undefined);

describe("tasks", () => {
  test("run in the first process, one after another, warm", async () => {
    await using open = await OpenPool.open(1);
    const outcomes = [];
    for (const task of ["0", "1", "2"]) outcomes.push(said(await open.submit("count", task).ended));
    const [pid] = open.processes;
    expect(outcomes).toEqual([`${pid}-1-1`, `${pid}-1-2`, `${pid}-1-3`]);
    expect(open.processes).toHaveLength(1);
  });

  test("are each told to have started once and ended once", async () => {
    await using open = await OpenPool.open(2);
    const tasks = Array.from({ length: 20 }, (_, index) => open.submit("ok", String(index)));
    const outcomes = await Promise.all(tasks.map(({ ended }) => ended));
    expect(outcomes.map(said)).toEqual(tasks.map(({ spec }) => spec.task));
    expect(tasks.map(({ told }) => told)).toEqual(tasks.map(() => ({ started: 1, ended: 1, withdrawn: 0 })));
  });

  test("that wait for a process start in their order", async () => {
    await using open = await OpenPool.open(1);
    const order: string[] = [];
    const tasks = ["a", "b", "c"].map((task) => open.submit("ok", task));
    await Promise.all(tasks.map(async ({ ended }) => order.push(said(await ended) ?? "")));
    expect(order).toEqual(["a", "b", "c"]);
  });

  test("that are at work are told, with where their output grows", async () => {
    await using open = await OpenPool.open(1);
    expect(open.pool.running()).toEqual([]);
    const { ended } = open.submit("wait", "7", { attempt: 2 });
    await open.atWork("7");
    expect(open.pool.running()).toMatchObject([
      { step: "wait", task: "7", attempt: 2, output: { stdout: expect.stringMatching(/\.out$/), stdoutStart: 0 } },
    ]);
    open.go("7");
    await ended;
    expect(open.pool.running()).toEqual([]);
  });
});

describe("a brief task's next one", () => {
  const STEP = "brief-or-long";

  /** Task 0 was brief, 1 is at work for long, 2 was given to the same process, 3 waits. */
  async function givenInAdvance(open: OpenPool): Promise<{ readonly one: Submitted; readonly two: Submitted; readonly three: Submitted }> {
    open.write("long-0");
    open.write("long-1");
    const zero = open.submit(STEP, "0");
    const [one, two, three] = [open.submit(STEP, "1"), open.submit(STEP, "2"), open.submit(STEP, "3")];
    await open.atWork("0");
    open.go("0");
    await zero.ended;
    await open.atWork("1");
    return { one, two, three };
  }

  test("is given to its process in advance and begins when it ends", async () => {
    await using open = await OpenPool.open(1);
    open.write("long-0");
    const first = open.submit(STEP, "0");
    const tasks = ["1", "2", "3", "4"].map((task) => open.submit(STEP, task));
    await open.atWork("0");
    open.go("0");
    const outcomes = await Promise.all([first, ...tasks].map(({ ended }) => ended));
    const [pid] = open.processes;
    expect(outcomes.map(said)).toEqual(["0", "1", "2", "3", "4"].map((task) => `${task} in ${pid}`));
    expect(open.given).toEqual(["2", "3", "4"]);
    expect(tasks.map(({ told }) => told)).toEqual(tasks.map(() => ({ started: 1, ended: 1, withdrawn: 0 })));
  });

  test("is one of a few while many wait, and all that are left because one is long run elsewhere", async () => {
    await using open = await OpenPool.open(2);
    const elsewhere = open.submit("wait", "elsewhere");
    open.write("long-0");
    open.write("long-1");
    const tasks = Array.from({ length: 16 }, (_, index) => open.submit(STEP, String(index)));
    await open.atWork("0");
    open.go("0");
    await open.atWork("1");
    await until("several are given in advance", () => open.given.length > 1);
    const given = open.given.length;
    open.go("elsewhere");
    await Promise.all([elsewhere, ...tasks].filter((task) => task !== tasks[1]).map(({ ended }) => ended));
    expect(tasks[1]?.told.ended).toBe(0);
    open.go("1");
    await tasks[1]?.ended;
    expect(given).toBeLessThan(tasks.length / 2);
    expect(tasks.map(({ told }) => told)).toEqual(tasks.map(() => ({ started: 1, ended: 1, withdrawn: 0 })));
  });

  test("runs in another process when the one before it turns out to be long", async () => {
    await using open = await OpenPool.open(2);
    const elsewhere = open.submit("wait", "elsewhere");
    const { one, two, three } = await givenInAdvance(open);
    open.go("elsewhere");
    await Promise.all([elsewhere.ended, two.ended, three.ended]);
    expect(one.told.ended).toBe(0);
    open.go("1");
    await one.ended;
    expect([one, two, three].map(({ told }) => told.started)).toEqual([1, 1, 1]);
  });

  test("runs once when its process has left it", async () => {
    await using open = await OpenPool.open(1);
    open.write("leave-next");
    const tasks = ["0", "1", "2", "3"].map((task) => open.submit(STEP, task));
    await Promise.all(tasks.map(({ ended }) => ended));
    expect(open.given).not.toEqual([]);
    expect(tasks.map(({ told }) => told)).toEqual(tasks.map(() => ({ started: 1, ended: 1, withdrawn: 0 })));
  });

  test("runs in another process when its own was killed before", async () => {
    await using open = await OpenPool.open(1);
    const { one, two, three } = await givenInAdvance(open);
    killHard(await open.atWork("1"));
    expect((await one.ended).status).toBe("failed");
    expect(said(await two.ended)).toContain("2 in");
    expect(said(await three.ended)).toContain("3 in");
    expect(two.told).toEqual({ started: 1, ended: 1, withdrawn: 0 });
  });

  test("is taken back with what waits", async () => {
    await using open = await OpenPool.open(1);
    const { one, two, three } = await givenInAdvance(open);
    open.pool.withdraw();
    open.go("1");
    expect(said(await one.ended)).toContain("1 in");
    expect(two.told).toEqual({ started: 0, ended: 0, withdrawn: 1 });
    expect(three.told).toEqual({ started: 0, ended: 0, withdrawn: 1 });
    // What comes later runs.
    expect((await open.submit(STEP, "4").ended).status).toBe("done");
  });

  test("does not begin when the run is stopped", async () => {
    await using open = await OpenPool.open(1);
    const { one, two } = await givenInAdvance(open);
    open.pool.stop("gently");
    await one.ended;
    expect(two.told).toEqual({ started: 0, ended: 0, withdrawn: 1 });
  });
});

describe("processes", () => {
  test("as many as there are processors start at once while work waits", async () => {
    await using open = await OpenPool.open(100);
    const tasks = Array.from({ length: CORES }, (_, index) => open.submit("wait", String(index)));
    await Promise.all(tasks.map((_, index) => open.atWork(String(index))));
    expect(open.processes).toHaveLength(CORES);
    for (const index of tasks.keys()) open.go(String(index));
    await Promise.all(tasks.map(({ ended }) => ended));
  });

  test("more than there are processors start for work that waits long, and no more than asked for", async () => {
    const most = CORES + 2;
    await using open = await OpenPool.open(most);
    const tasks = Array.from({ length: most + 1 }, (_, index) => open.submit("wait", String(index)));
    await Promise.all(tasks.slice(0, most).map((_, index) => open.atWork(String(index))));
    expect(open.processes).toHaveLength(most);
    expect(tasks.at(-1)?.told.started).toBe(0);
    for (const index of tasks.keys()) open.go(String(index));
    await Promise.all(tasks.map(({ ended }) => ended));
    expect(open.processes.length).toBeLessThanOrEqual(most);
  });

  test("are replaced after a failure", async () => {
    await using open = await OpenPool.open(1);
    const before = open.processes;
    expect(failureOf(await open.submit("fail").ended)?.message).toBe("0 failed");
    const [pid] = (said(await open.submit("count").ended) ?? "").split("-");
    expect(before).not.toContain(Number(pid));
  });

  test("are replaced when they ask for it, and the task is done all the same", async () => {
    await using open = await OpenPool.open(1);
    const before = open.processes;
    expect((await open.submit("retire").ended).status).toBe("done");
    const [pid] = (said(await open.submit("count").ended) ?? "").split("-");
    expect(before).not.toContain(Number(pid));
  });

  test("that end while they have nothing to do are not missed", async () => {
    await using open = await OpenPool.open(1);
    for (const pid of open.processes) killHard(pid);
    await open.first.exited;
    expect((await open.submit("ok").ended).status).toBe("done");
  });

  test("messages of the user's own do no harm", async () => {
    await using open = await OpenPool.open(1);
    expect((await open.submit("chatter").ended).status).toBe("done");
    expect((await open.submit("ok").ended).status).toBe("done");
  });

  test("get as much heap as a step asks for, if that is more than the default", async () => {
    const resources = { name: "resources", options: { memory: 20_000 }, from: "code" } as const;
    const step = { name: "heap", kind: "end", next: [], takes: "nothing", splits: [], loops: false, decorators: [resources], lost: [] } as const;
    await using open = await OpenPool.open(1, { graph: { flow: "Score", steps: [step] } });
    expect(Number(said(await open.submit("heap").ended))).toBeGreaterThanOrEqual(20_000);
  });
});

describe("output", () => {
  test("of a task is told before its end, both streams", async () => {
    await using open = await OpenPool.open(1);
    for (const task of ["0", "1"]) {
      const { ended, output } = open.submit("print", task);
      await ended;
      expect(output).toEqual({ stdout: `out of ${task}\n`, stderr: `err of ${task}\n` });
    }
  });

  test("of native code and of child processes is the task's", async () => {
    await using open = await OpenPool.open(1);
    const { ended, output } = open.submit("native");
    await ended;
    expect(output).toEqual({ stdout: "by the descriptor\nby a child\n", stderr: "and its errors\n" });
  });

  test("is told while the task is at work", async () => {
    await using open = await OpenPool.open(1);
    const { ended, output, told } = open.submit("print-and-wait");
    await until("the early output is told", () => output.stdout === "printed early\n");
    expect(told.ended).toBe(0);
    open.go();
    await ended;
    expect(output.stdout).toBe("printed early\n");
  });

  test("cut in the middle of a character is told whole", async () => {
    await using open = await OpenPool.open(1);
    const { ended, output } = open.submit("split");
    await until("the task is at work", () => open.pool.running().length === 1);
    open.go();
    await ended;
    expect(output.stdout).toBe("ü\n");
  });

  test("however much of it, is told to the last line", async () => {
    await using open = await OpenPool.open(1);
    const { ended, output } = open.submit("flood");
    await ended;
    expect(output.stdout.length).toBe(12 * 1024 * 1024 + "the last line\n".length);
    expect(output.stdout.endsWith("the last line\n")).toBe(true);
    const next = open.submit("print", "1");
    await next.ended;
    expect(next.output.stdout).toBe("out of 1\n");
  });
});

describe("a process that ends in the middle of a task", () => {
  test.each([
    ["exit", "exited", "exit code 3"],
    ["kill", "killed", "SIGKILL"],
    ["out-of-memory", "out-of-memory", "heap memory"],
  ])("%s: the attempt failed (%s), and its record says so", async (step, code, words) => {
    await using open = await OpenPool.open(1);
    const { ended, told } = open.submit(step, "3.1", { attempt: 1, parents: ["start/0"], foreach: [{ split: "start/0", index: 3, count: 9 }] });
    const outcome = await ended;
    expect(failureOf(outcome)).toMatchObject({ code, message: expect.stringContaining(words) });
    expect(outcome).not.toHaveProperty("noRetry");
    const record = await open.run.failed(step, "3.1", 1);
    expect(record).toMatchObject({
      status: "failed",
      attempt: 1,
      parents: ["start/0"],
      foreach: [{ split: "start/0", index: 3, count: 9 }],
      failure: { code },
    });
    expect(outcome.record).toBe(JSON.stringify(record));
    expect(told).toEqual({ started: 1, ended: 1, withdrawn: 0 });
    expect((await open.submit("ok").ended).status).toBe("done");
  });

  test("what it printed is told and kept", async () => {
    await using open = await OpenPool.open(1);
    const { ended, output } = open.submit("exit");
    await ended;
    expect(output.stdout).toBe("last words\n");
    expect(parseLog((await open.run.log("exit", "0", 0)) ?? new Uint8Array()).map(({ text }) => text)).toEqual(["last words"]);
    expect((await open.run.failed("exit", "0", 0))?.log).toEqual({ stdoutBytes: 11, stderrBytes: 0 });
  });

  test("while it committed a caught failure: what the failed attempt printed stays", async () => {
    await using open = await OpenPool.open(1);
    open.run.writeLogSync("exit", "0", 2, formatLog([{ time: 1, stream: "stdout", bytes: Buffer.from("of the attempt\n") }]));
    await open.submit("exit", "0", { attempt: 2, mode: "catch" }).ended;
    const lines = parseLog((await open.run.log("exit", "0", 2)) ?? new Uint8Array());
    expect(lines.map(({ text }) => text)).toEqual(["of the attempt", "last words"]);
  });

  test("after its record was there: the task is done", async () => {
    await using open = await OpenPool.open(1);
    const record = sampleAttempt({ step: "kill", next: { kind: "next", targets: ["after"] } });
    await open.run.writeAttempt(record, JSON.stringify(record));
    const outcome = await open.submit("kill").ended;
    expect(outcome).toMatchObject({ status: "done", transition: record.next, record: JSON.stringify(record) });
    expect(await open.run.failed("kill", "0", 0)).toBeUndefined();
  });

  test("what the task started ends with it", async () => {
    await using open = await OpenPool.open(1);
    const { ended } = open.submit("offspring");
    killHard(await open.atWork());
    expect(failureOf(await ended)?.code).toBe("killed");
  });

  test("and leaves behind something that has left its group: the task ends all the same", async () => {
    await using open = await OpenPool.open(1);
    const { ended } = open.submit("runaway");
    const runaway = await open.atWork();
    try {
      expect(failureOf(await ended)?.code).toBe("exited");
    } finally {
      killHard(runaway);
    }
  });

  test("a task that cannot be begun fails with what the process says, and the process is replaced", async () => {
    await using open = await OpenPool.open(1);
    expect(failureOf(await open.submit("refuse").ended)?.message).toBe("the attempt cannot be begun");
    expect((await open.submit("ok").ended).status).toBe("done");
  });
});

describe("a time limit", () => {
  test.each(["hang", "spin", "deaf"])("ends a task that would never end by itself: %s", async (step) => {
    await using open = await OpenPool.open(1);
    const { ended } = open.submit(step, "0", { timeoutMs: 100 });
    expect(failureOf(await ended)).toMatchObject({ code: "timeout", message: expect.stringContaining("0.1 s") });
    expect((await open.run.failed(step, "0", 0))?.failure?.code).toBe("timeout");
    expect((await open.submit("ok").ended).status).toBe("done");
  });

  test("that a task keeps does nothing, to it or to the next", async () => {
    await using open = await OpenPool.open(1);
    const { ended } = open.submit("wait", "0", { timeoutMs: 60_000 });
    open.go();
    expect((await ended).status).toBe("done");
    expect((await open.submit("ok").ended).status).toBe("done");
  });
});

describe("a stop", () => {
  test.each(["hang", "spin"])("ends tasks at work, without a record: %s", async (step) => {
    await using open = await OpenPool.open(1);
    const { ended } = open.submit(step);
    await open.atWork();
    open.pool.stop("gently");
    expect(failureOf(await ended)?.code).toBe("stopped");
    expect(await open.run.failed(step, "0", 0)).toBeUndefined();
  });

  test("asked gently lets a task clean up, and even finish", async () => {
    await using open = await OpenPool.open(1);
    const { ended, output } = open.submit("polite");
    await open.atWork();
    open.pool.stop("gently");
    expect((await ended).status).toBe("done");
    expect(output.stdout).toBe("cleaning up\n");
  });

  test("asked gently ends a task that does not listen all the same, as stopped, whatever its time limit", async () => {
    await using open = await OpenPool.open(1);
    const { ended } = open.submit("deaf", "0", { timeoutMs: 500 });
    await open.atWork();
    open.pool.stop("gently");
    expect(failureOf(await ended)?.code).toBe("stopped");
  });

  test("at once ends a task that does not listen", async () => {
    await using open = await OpenPool.open(1);
    const { ended } = open.submit("deaf");
    await open.atWork();
    open.pool.stop("gently");
    open.pool.stop("at-once");
    expect(failureOf(await ended)?.code).toBe("stopped");
  });

  test("tasks that had not started, and those that come later, never start", async () => {
    await using open = await OpenPool.open(1);
    const first = open.submit("hang");
    const waiting = open.submit("ok", "1");
    await open.atWork();
    open.pool.stop("at-once");
    const late = open.submit("ok", "2");
    for (const { ended, told } of [waiting, late]) {
      await ended;
      expect(told).toEqual({ started: 0, ended: 0, withdrawn: 1 });
    }
    expect(failureOf(await first.ended)?.code).toBe("stopped");
  });
});

describe("a step's own retry.if", () => {
  const failure = { code: "killed", name: "ProcessKilled", frames: [] };

  test("is asked of a process that is there, which then goes on", async () => {
    await using open = await OpenPool.open(1);
    expect(await open.pool.retryIf("ok", { ...failure, message: "worth it" })).toBe(true);
    expect(await open.pool.retryIf("ok", { ...failure, message: "not" })).toBe(false);
    expect((await open.submit("ok").ended).status).toBe("done");
    expect(open.processes).toHaveLength(1);
  });

  test("is asked of a new one when all are at work", async () => {
    await using open = await OpenPool.open(1);
    const { ended } = open.submit("wait");
    await open.atWork();
    expect(await open.pool.retryIf("ok", { ...failure, message: "not" })).toBe(false);
    open.go();
    await ended;
  });
});

describe("processes that cannot be made ready", () => {
  test.each([
    ["refuse-load", "it does not load any more"],
    ["exit-at-load", "ended before it was ready"],
  ])("%s: work that waits fails, saying why", async (file, words) => {
    await using open = await OpenPool.open(1);
    open.write(file);
    await open.submit("retire").ended;
    expect(failureOf(await open.submit("ok").ended)?.message).toContain(words);
    open.remove(file);
    expect((await open.submit("ok").ended).status).toBe("done");
  });

  test("do no harm to those at work, which take the work that waits", async () => {
    await using open = await OpenPool.open(2);
    const first = open.submit("wait");
    await open.atWork();
    open.write("exit-at-load");
    const second = open.submit("ok", "1");
    await until("the second process has come and gone", () => open.processes.length === 1 && second.told.started === 0);
    open.go();
    expect((await first.ended).status).toBe("done");
    expect((await second.ended).status).toBe("done");
  });

  test("a first process that does not take the run makes room for another", async () => {
    await using open = await OpenPool.open(1, { prepare: (folder) => writeFileSync(join(folder, "refuse-run"), "") });
    open.remove("refuse-run");
    expect((await open.submit("ok").ended).status).toBe("done");
  });
});

test("a pool that is disposed leaves no process and no file, whatever was at work", async () => {
  const open = await OpenPool.open(2);
  const spinning = open.submit("spin");
  open.submit("hang", "1").ended.catch(() => {});
  await open.atWork("0");
  const [output] = open.pool.running().map((task) => task.output);
  const folder = dirname((output as { readonly stdout: string }).stdout);
  expect(existsSync(folder)).toBe(true);
  await open[Symbol.asyncDispose]();
  expect(failureOf(await spinning.ended)).toBeDefined();
  expect(existsSync(folder)).toBe(false);
});
