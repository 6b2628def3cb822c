import { expect, test } from "vitest";
import { LEASE_RENEW_MS, LEASE_VALID_MS } from "../../src/datastore/run-status.js";
import { MemoryStore } from "../../src/store/memory-store.js";
import type { PutOptions } from "../../src/store/object-store.js";
import { foreach, graphOf, split, steps } from "./flow-model.js";
import { ScheduledRun, settled } from "./scheduled-run.js";

const fanOut = graphOf([foreach("start", steps("body"), "end")]);
const retry = { name: "retry", options: { jitter: false, delayMs: 60_000 }, from: "code" } as const;

test("an interrupt starts nothing more, stops what is at work, and waits for its end", async () => {
  const run = await ScheduledRun.start({ graph: fanOut, options: { maxWorkers: 2 } });
  await run.fanOut("start/0", "body", 5);
  run.stop.abort("SIGTERM");
  await settled();
  expect(run.compute.stops).toEqual(["gently"]);
  expect(run.result).toBeUndefined();
  await run.stopped("body/0");
  await run.done("body/1", "end");
  expect(run.compute.submitted.length).toBe(3);
  expect(await run.ended()).toMatchObject({ status: "interrupted", counts: { done: 2, failed: 0 }, failed: [] });
  expect(run.log.of("interrupted")).toMatchObject([{ signal: "SIGTERM", running: 2 }]);
  expect(run.log.of("task-failed")).toEqual([]);
  expect(run.log.of("run-finished")).toMatchObject([{ status: "interrupted", resume: "millrace resume" }]);
  expect(run.clock.waits).toEqual([]);
});

test("a second interrupt ends all at once", async () => {
  const run = await ScheduledRun.start({ graph: fanOut });
  run.stop.abort("SIGINT");
  run.kill.abort("SIGINT");
  await settled();
  expect(run.compute.stops).toEqual(["gently", "at-once"]);
  await run.stopped("start/0");
  expect(await run.ended()).toMatchObject({ status: "interrupted" });
});

test("to be killed alone is to be interrupted too: nothing is tried again", async () => {
  const run = await ScheduledRun.start({ graph: graphOf(steps("start", "end"), { start: [retry] }) });
  run.kill.abort("SIGINT");
  await settled();
  expect(run.compute.stops).toContain("at-once");
  await run.stopped("start/0");
  expect(await run.ended()).toMatchObject({ status: "interrupted", counts: { failed: 0 } });
  expect(run.clock.waits).toEqual([]);
});

test("a run that was interrupted before it began starts nothing", async () => {
  const run = await ScheduledRun.start({ graph: fanOut, stop: AbortSignal.abort("SIGINT") });
  expect(run.compute.submitted).toEqual([]);
  expect(await run.ended()).toMatchObject({ status: "interrupted", counts: { done: 0 } });
});

test("an interrupt while all wait for another try ends the run", async () => {
  const run = await ScheduledRun.start({ graph: graphOf(steps("start", "end"), { start: [retry] }) });
  await run.fail("start/0");
  run.stop.abort("SIGINT");
  expect(await run.ended()).toMatchObject({ status: "interrupted", counts: { done: 0, failed: 0 } });
  expect(run.clock.waits).toEqual([]);
});

test("an interrupt that comes when the end step ends well is too late", async () => {
  const run = await ScheduledRun.start({ graph: graphOf(steps("start", "end")) });
  await run.done("start/0", "end");
  run.stop.abort("SIGINT");
  await run.done("end/0");
  expect(await run.ended()).toMatchObject({ status: "done" });
});

test("an interrupted run goes on where it was", async () => {
  const store = new MemoryStore();
  const run = await ScheduledRun.start({ graph: fanOut, store, options: { maxWorkers: 2 } });
  await run.fanOut("start/0", "body", 3);
  run.stop.abort("SIGINT");
  await run.done("body/0", "end");
  await run.stopped("body/1");
  const next = await ScheduledRun.start({ graph: fanOut, store, origin: { run: "1" } });
  expect(next.atWork).toEqual(["body/1", "body/2"]);
});

test("the lease is renewed while the run lives, says what is at work, and is left when it ends", async () => {
  const run = await ScheduledRun.start({ graph: fanOut });
  await run.fanOut("start/0", "body", 2);
  await run.advance(1000);
  const lease = await run.run.lease();
  expect(lease).toMatchObject({ pid: process.pid, renewedAt: run.clock.now(), validMs: LEASE_VALID_MS });
  expect(lease?.running.map(({ step, task }) => `${step}/${task}`)).toEqual(["body/0", "body/1"]);
  // Nothing changes: it is renewed when it is due, and not before.
  for (let seconds = 1; seconds < LEASE_RENEW_MS / 1000; seconds++) await run.advance(1000);
  expect((await run.run.lease())?.renewedAt).toBe(lease?.renewedAt);
  await run.advance(1000);
  expect((await run.run.lease())?.renewedAt).toBe(run.clock.now());
  // A task ends: the next look says so.
  await run.done("body/0", "end");
  await run.advance(1000);
  expect((await run.run.lease())?.running.map(({ step, task }) => `${step}/${task}`)).toEqual(["body/1"]);
  await run.done("body/1", "end");
  await run.done("end/0");
  await run.ended();
  expect(run.clock.waits).toEqual([]);
});

/** A store that fails to write some keys. */
class FailingStore extends MemoryStore {
  failing: (key: string) => boolean = () => false;

  override async put(key: string, chunks: readonly Uint8Array[], options?: PutOptions): Promise<boolean> {
    if (this.failing(key)) throw new Error(`no space for ${key}`);
    return super.put(key, chunks, options);
  }
}

test("a lease that cannot be written is told once, and the run goes on", async () => {
  const store = new FailingStore();
  const run = await ScheduledRun.start({ graph: graphOf(steps("start", "end")), store });
  store.failing = (key) => key.endsWith("lease.json");
  await run.advance(LEASE_RENEW_MS);
  await run.advance(LEASE_RENEW_MS);
  expect(run.log.of("notice")).toMatchObject([{ level: "warning", code: "lease-unwritten" }]);
  await run.done("start/0", "end");
  await run.done("end/0");
  expect(await run.ended()).toMatchObject({ status: "done" });
});

test("an index that cannot be written is told, and readers go by the records themselves", async () => {
  const store = new FailingStore();
  const run = await ScheduledRun.start({ graph: graphOf(steps("start", "end")), store });
  store.failing = (key) => key.includes("/index/");
  await run.done("start/0", "end");
  await run.done("end/0");
  expect(await run.ended()).toMatchObject({ status: "done" });
  expect(run.log.of("notice")).toMatchObject([{ code: "index-unwritten" }]);
  const found = [];
  for await (const record of run.run.attempts()) found.push(record.step);
  expect(found.toSorted()).toEqual(["end", "start"]);
});

test("a result that cannot be written is told; the run has ended all the same", async () => {
  const store = new FailingStore();
  const run = await ScheduledRun.start({ graph: graphOf(steps("start", "end")), store });
  store.failing = (key) => key.endsWith("result.json");
  await run.done("start/0", "end");
  await run.done("end/0");
  expect(await run.ended()).toMatchObject({ status: "done" });
  expect(run.log.of("notice")).toMatchObject([{ code: "result-unwritten" }]);
  expect(run.log.of("run-finished").length).toBe(1);
});

test("a run that cannot note what it reuses fails, saying why, and leaves no timer", async () => {
  const store = new FailingStore();
  const graph = graphOf([split("start", [steps("left"), steps("right")], "end")]);
  const first = await ScheduledRun.start({ graph, store });
  await first.done("start/0", "left", "right");
  await first.fail("left/0");
  await first.done("right/0", "end");
  store.failing = (key) => key.endsWith("reused.json");
  const run = await ScheduledRun.start({ graph, store, origin: { run: "1" } });
  expect(run.atWork).toEqual([]);
  expect(await run.ended()).toMatchObject({ status: "failed", failure: { message: expect.stringContaining("no space for") } });
  expect(run.log.of("run-finished")).toMatchObject([{ status: "failed", failure: { message: expect.stringContaining("no space for") } }]);
  expect(run.clock.waits).toEqual([]);
});

test("a backend that does not take a task ends the run, and what is at work", async () => {
  const run = await ScheduledRun.start({ graph: graphOf([split("start", [steps("left"), steps("right")], "end")]) });
  run.compute.onSubmit = ({ spec }) => {
    if (spec.step === "right") throw new Error("no room");
  };
  await run.done("start/0", "left", "right");
  expect(run.compute.stops).toContain("at-once");
  expect(await run.ended()).toMatchObject({ status: "failed", failure: { code: "scheduler-failed", message: "no room" } });
  expect(run.clock.waits).toEqual([]);
});

test("a transition to a step that is not there ends the run, and what is at work", async () => {
  const run = await ScheduledRun.start({ graph: graphOf([split("start", [steps("left"), steps("right")], "end")]) });
  await run.done("start/0", "left", "right");
  await run.done("left/0", "nowhere");
  expect(run.compute.stops).toContain("at-once");
  expect(await run.ended()).toMatchObject({ status: "failed", failure: { message: expect.stringContaining("nowhere") } });
  expect(run.clock.waits).toEqual([]);
});
