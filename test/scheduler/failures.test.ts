import { describe, expect, test } from "vitest";
import type { DecoratorUse } from "../../src/core/definition.js";
import type { Failure } from "../../src/core/failure.js";
import { BROKEN } from "./fake-compute.js";
import { foreach, graphOf, split, step, steps } from "./flow-model.js";
import { ScheduledRun, settled } from "./scheduled-run.js";

const retry = (options: DecoratorUse["options"], functions?: readonly string[]): DecoratorUse => ({
  name: "retry",
  options: { jitter: false, ...options },
  from: "code",
  ...(functions !== undefined && { functions }),
});
const catchError: DecoratorUse = { name: "catchError", options: { var: "problem" }, from: "code" };

const branches = [step("start"), split("a", [steps("left", "after"), steps("right", "more")], "join"), step("end")];
const line = steps("start", "a", "end");

describe("a task that fails for good", () => {
  test("stops the run from starting more, and what is at work ends first", async () => {
    const run = await ScheduledRun.start({ graph: graphOf(branches) });
    await run.done("start/0", "a");
    await run.done("a/0", "left", "right");
    await run.fail("left/0");
    expect(run.result).toBeUndefined();
    await run.done("right/0", "more");
    expect(run.atWork).toEqual([]);
    expect(await run.ended()).toMatchObject({
      status: "failed",
      counts: { done: 3, failed: 1, reused: 0 },
      failed: [{ task: "left/0", attempt: 0, failure: BROKEN }],
    });
  });

  test("takes back what the backend has not begun", async () => {
    const run = await ScheduledRun.start({ graph: graphOf(branches) });
    await run.done("start/0", "a");
    await run.done("a/0", "left", "right");
    await run.fail("left/0");
    expect(run.compute.withdrawals).toBe(1);
    run.compute.withdrawn(run.compute.attemptOf("right/0"));
    expect(await run.ended()).toMatchObject({ status: "failed", counts: { done: 2, failed: 1, reused: 0 } });
  });

  test("with keepGoing stops only what comes after it", async () => {
    const run = await ScheduledRun.start({ graph: graphOf(branches), options: { keepGoing: true } });
    await run.done("start/0", "a");
    await run.done("a/0", "left", "right");
    await run.fail("left/0");
    await run.done("right/0", "more");
    await run.done("more/0", "join");
    expect(run.compute.withdrawals).toBe(0);
    expect(run.atWork).toEqual([]);
    expect(await run.ended()).toMatchObject({ status: "failed", counts: { done: 4, failed: 1, reused: 0 } });
  });

  test("with keepGoing leaves the other items of a fan-out alone", async () => {
    const run = await ScheduledRun.start({ graph: graphOf([foreach("start", steps("body"), "end")]), options: { keepGoing: true, maxWorkers: 1 } });
    await run.fanOut("start/0", "body", 3);
    await run.fail("body/0");
    await run.done("body/1", "end");
    await run.fail("body/2");
    expect(await run.ended()).toMatchObject({ status: "failed", counts: { done: 2, failed: 2 } });
  });

  test("is told with everything a message needs", async () => {
    const run = await ScheduledRun.start({ graph: graphOf(line) });
    await run.fail("start/0");
    expect(run.log.of("task-failed")).toMatchObject([{ task: { pathspec: "Flow/1/start/0", attempt: 0 }, failure: BROKEN, retriesLeft: 0 }]);
    expect(run.log.of("task-failed")[0]).not.toHaveProperty("retryInMs");
    expect(run.log.of("run-finished")).toMatchObject([
      { status: "failed", pathspec: "Flow/1", resume: "millrace resume", failures: [{ pathspec: "Flow/1/start/0", attempt: 0, failure: BROKEN }] },
    ]);
    expect(await run.run.result()).toEqual(await run.ended());
  });

  test("is listed; of very many the first hundred", async () => {
    const run = await ScheduledRun.start({ graph: graphOf([foreach("start", steps("body"), "end")]), options: { keepGoing: true, maxWorkers: 150 } });
    await run.fanOut("start/0", "body", 150);
    for (const ref of run.atWork) await run.fail(ref);
    const result = await run.ended();
    expect(result.counts.failed).toBe(150);
    expect(result.failed.map(({ task }) => task)).toEqual(Array.from({ length: 100 }, (_, index) => `body/${index}`));
  });
});

describe("@retry", () => {
  const graph = graphOf(line, { a: [retry({ times: 2, delayMs: 1000 })] });

  test("tries again after growing delays, then gives up", async () => {
    const run = await ScheduledRun.start({ graph });
    await run.done("start/0", "a");
    await run.fail("a/0");
    expect(run.atWork).toEqual([]);
    await run.advance(999);
    expect(run.atWork).toEqual([]);
    await run.advance(1);
    expect(run.compute.attemptOf("a/0").spec).toMatchObject({ attempt: 1, retriesLeft: 1, parents: ["start/0"] });
    await run.fail("a/0");
    await run.advance(1999);
    expect(run.atWork).toEqual([]);
    await run.advance(1);
    await run.fail("a/0");
    expect(await run.ended()).toMatchObject({ status: "failed", failed: [{ task: "a/0", attempt: 2 }], counts: { failed: 1 } });
    expect(run.log.of("task-failed").map(({ retryInMs, retriesLeft }) => ({ retryInMs, retriesLeft }))).toEqual([
      { retryInMs: 1000, retriesLeft: 2 },
      { retryInMs: 2000, retriesLeft: 1 },
      { retryInMs: undefined, retriesLeft: 0 },
    ]);
  });

  test("an attempt that succeeds makes the task done", async () => {
    const run = await ScheduledRun.start({ graph });
    await run.done("start/0", "a");
    await run.fail("a/0");
    await run.advance(1000);
    await run.done("a/0", "end");
    await run.done("end/0");
    expect(await run.ended()).toMatchObject({ status: "done", counts: { done: 3, failed: 0 }, failed: [] });
  });

  test("is tried ahead of work that waits", async () => {
    const run = await ScheduledRun.start({
      graph: graphOf([foreach("start", steps("body"), "end")], { body: [retry({ delayMs: 100 })] }),
      options: { maxWorkers: 1 },
    });
    await run.fanOut("start/0", "body", 5);
    await run.fail("body/0");
    expect(run.atWork).toEqual(["body/1"]);
    await run.advance(100);
    await run.done("body/1", "end");
    expect(run.atWork).toEqual(["body/0"]);
    expect(run.compute.attemptOf("body/0").spec.attempt).toBe(1);
  });

  test("jitter takes the random number", async () => {
    const run = await ScheduledRun.start({ graph: graphOf(line, { start: [retry({ delayMs: 1000, jitter: true })] }), random: () => 0.5 });
    await run.fail("start/0");
    expect(run.log.of("task-failed")[0]?.retryInMs).toBe(750);
  });

  test("keeps its fan-out's bound free while it waits", async () => {
    const run = await ScheduledRun.start({ graph: graphOf([foreach("start", steps("body"), "end")], { body: [retry({ delayMs: 1000 })] }) });
    await run.fanOut("start/0", "body", 3, 1);
    await run.fail("body/0");
    expect(run.atWork).toEqual(["body/1"]);
    await run.advance(1000);
    expect(run.atWork).toEqual(["body/1"]);
    await run.done("body/1", "end");
    expect(run.atWork).toEqual(["body/0"]);
  });

  test("if the process said that the failure is not worth it, it is not", async () => {
    const run = await ScheduledRun.start({ graph });
    await run.done("start/0", "a");
    await run.fail("a/0", BROKEN, true);
    expect(await run.ended()).toMatchObject({ status: "failed" });
  });

  test.each(["datastore-full", "datastore-denied", "s3-unreachable"])(
    "a failure of the datastore (%s) is not tried again, nor caught",
    async (code) => {
      const run = await ScheduledRun.start({ graph: graphOf(line, { start: [retry({}), catchError] }) });
      await run.fail("start/0", { ...BROKEN, code });
      expect(await run.ended()).toMatchObject({ status: "failed", failed: [{ attempt: 0, failure: { code } }] });
    },
  );

  test.each(["s3-object-missing", "s3-range-outside"])("what a step finds wrong with objects of its own (%s) is tried again", async (code) => {
    const run = await ScheduledRun.start({ graph: graphOf(line, { start: [retry({ delayMs: 1000 })] }) });
    await run.fail("start/0", { ...BROKEN, code });
    expect(run.clock.waits).toContain(1000);
  });

  describe("with an if of its own", () => {
    const asking = graphOf(line, { start: [retry({ delayMs: 1000 }, ["if"])] });
    const died: Failure = { ...BROKEN, code: "killed" };

    test("a process that died cannot ask it: another is asked", async () => {
      const run = await ScheduledRun.start({ graph: asking });
      run.compute.onRetryIf = (_step, failure) => Promise.resolve(failure.code !== "killed");
      await run.die("start/0", died);
      expect(run.compute.asked).toEqual([{ step: "start", failure: died }]);
      expect(await run.ended()).toMatchObject({ status: "failed" });
    });

    test("a process that lived has asked it", async () => {
      const run = await ScheduledRun.start({ graph: asking });
      await run.fail("start/0", BROKEN, false);
      expect(run.compute.asked).toEqual([]);
      expect(run.clock.waits).toContain(1000);
    });

    test("a run interrupted while it is asked is over, and nothing waits", async () => {
      const run = await ScheduledRun.start({ graph: asking });
      let answer = (_retry: boolean): void => {};
      run.compute.onRetryIf = () => new Promise((resolve) => (answer = resolve));
      await run.die("start/0", died);
      run.stop.abort("SIGINT");
      await settled();
      answer(true);
      expect(await run.ended()).toMatchObject({ status: "interrupted", counts: { failed: 0 } });
      expect(run.clock.waits).toEqual([]);
    });

    test("a run that failed while it is asked tries nothing again", async () => {
      const graphOfTwo = graphOf([split("start", [steps("left"), steps("right")], "end")], { left: [retry({ delayMs: 1000 }, ["if"])] });
      const run = await ScheduledRun.start({ graph: graphOfTwo });
      let answer = (_retry: boolean): void => {};
      run.compute.onRetryIf = () => new Promise((resolve) => (answer = resolve));
      await run.done("start/0", "left", "right");
      await run.die("left/0", died);
      await run.fail("right/0");
      answer(true);
      expect(await run.ended()).toMatchObject({ status: "failed", counts: { done: 1, failed: 2 } });
      expect(run.log.of("task-failed").map(({ task, retryInMs }) => [task.step, retryInMs])).toEqual([
        ["right", undefined],
        ["left", undefined],
      ]);
      expect(run.clock.waits).toEqual([]);
    });
  });

  test("a delay is called off when another task fails for good", async () => {
    const graphOfTwo = graphOf([split("start", [steps("left"), steps("right")], "end")], { left: [retry({ delayMs: 1000 })] });
    const run = await ScheduledRun.start({ graph: graphOfTwo });
    await run.done("start/0", "left", "right");
    await run.fail("left/0");
    await run.fail("right/0");
    expect(await run.ended()).toMatchObject({ status: "failed" });
    expect(run.clock.waits).toEqual([]);
  });

  test("with keepGoing a delay goes on when another task fails for good", async () => {
    const graphOfTwo = graphOf([split("start", [steps("left"), steps("right")], "end")], { left: [retry({ delayMs: 1000 })] });
    const run = await ScheduledRun.start({ graph: graphOfTwo, options: { keepGoing: true } });
    await run.done("start/0", "left", "right");
    await run.fail("left/0");
    await run.fail("right/0");
    expect(run.result).toBeUndefined();
    await run.advance(1000);
    await run.done("left/0", "end");
    expect(await run.ended()).toMatchObject({ status: "failed", counts: { done: 2, failed: 1 } });
  });

  test("a task that fails with tries left after another failed for good is not tried again, and nothing says it is", async () => {
    const graphOfTwo = graphOf([split("start", [steps("left"), steps("right")], "end")], { left: [retry({ delayMs: 1000 })] });
    const run = await ScheduledRun.start({ graph: graphOfTwo });
    await run.done("start/0", "left", "right");
    await run.fail("right/0");
    await run.fail("left/0");
    expect(await run.ended()).toMatchObject({ status: "failed", counts: { failed: 2 } });
    expect(run.log.of("task-failed").at(-1)).not.toHaveProperty("retryInMs");
    expect(run.clock.waits).toEqual([]);
  });
});

describe("@catchError", () => {
  test("commits the failure as the step's result, after the retries", async () => {
    const run = await ScheduledRun.start({ graph: graphOf(line, { a: [catchError, retry({ times: 1, delayMs: 10 })] }) });
    await run.done("start/0", "a");
    await run.fail("a/0");
    await run.advance(10);
    await run.fail("a/0");
    expect(run.compute.attemptOf("a/0").spec).toMatchObject({ mode: "catch", attempt: 1, failure: BROKEN });
    await run.done("a/0", "end");
    await run.done("end/0");
    expect(await run.ended()).toMatchObject({ status: "done", counts: { done: 3, failed: 0 }, failed: [] });
    expect(run.log.of("task-done").find(({ task }) => task.step === "a")?.caught).toEqual(BROKEN);
    expect(run.log.of("task-started").map(({ task }) => `${task.step}#${task.attempt}`)).toEqual(["start#0", "a#0", "a#1", "end#0"]);
  });

  test("a time limit does not hold for the catch", async () => {
    const timeout: DecoratorUse = { name: "timeout", options: { durationMs: 500 }, from: "code" };
    const run = await ScheduledRun.start({ graph: graphOf(line, { start: [catchError, timeout] }) });
    expect(run.compute.attemptOf("start/0").spec.timeoutMs).toBe(500);
    await run.fail("start/0");
    expect(run.compute.attemptOf("start/0").spec).not.toHaveProperty("timeoutMs");
  });

  test("a catch that fails too fails the task", async () => {
    const run = await ScheduledRun.start({ graph: graphOf(line, { start: [catchError] }) });
    await run.fail("start/0");
    const again: Failure = { ...BROKEN, message: "the catch broke" };
    await run.fail("start/0", again);
    expect(await run.ended()).toMatchObject({ status: "failed", failed: [{ failure: again }], counts: { failed: 1 } });
  });

  test("still happens when the run has failed elsewhere: the task was at work, and ends", async () => {
    const run = await ScheduledRun.start({ graph: graphOf([split("start", [steps("left"), steps("right")], "end")], { left: [catchError] }) });
    await run.done("start/0", "left", "right");
    await run.fail("right/0");
    await run.fail("left/0");
    expect(run.compute.attemptOf("left/0").spec.mode).toBe("catch");
    await run.done("left/0", "end");
    expect(await run.ended()).toMatchObject({ status: "failed", counts: { done: 2, failed: 1 } });
  });

  test("does not happen once the run is interrupted", async () => {
    const run = await ScheduledRun.start({ graph: graphOf(line, { start: [catchError] }) });
    run.stop.abort("SIGINT");
    await run.fail("start/0");
    expect(run.atWork).toEqual([]);
    expect(await run.ended()).toMatchObject({ status: "interrupted" });
  });
});
