import { spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { beforeAll, expect, test } from "vitest";
import { LAYOUT_VERSION, type LeaseRecord, type RunRecord, type RunResult } from "../../src/core/records.js";
import { LEASE_VALID_MS, runStatus } from "../../src/datastore/run-status.js";
import { sampleRun } from "./sample-records.js";

const T0 = 1_000_000;

/** The number of a process that is no more. */
let dead: number;

beforeAll(async () => {
  const child = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
  await once(child, "exit");
  dead = child.pid ?? 0;
});

const run = (rest: Partial<RunRecord> = {}): RunRecord => sampleRun({ startedAt: T0, host: hostname(), pid: process.pid, ...rest });
const lease = (rest: Partial<LeaseRecord> = {}): LeaseRecord => ({
  format: LAYOUT_VERSION,
  host: hostname(),
  pid: process.pid,
  renewedAt: T0 + 50_000,
  validMs: LEASE_VALID_MS,
  running: [],
  ...rest,
});
const result = (status: RunResult["status"]): RunResult => ({
  format: LAYOUT_VERSION,
  status,
  finishedAt: T0,
  counts: { done: 0, failed: 0, reused: 0 },
  failed: [],
});

test.each(["done", "failed", "interrupted"] as const)("a result says how it is: %s", (status) => {
  expect(runStatus(run({ pid: dead }), lease({ renewedAt: 0 }), result(status), T0 + 1e9)).toBe(status);
});

test("a run whose lease is good is running, wherever", () => {
  expect(runStatus(run(), lease(), undefined, T0 + 50_000 + LEASE_VALID_MS)).toBe("running");
  expect(runStatus(run(), lease({ host: "elsewhere", pid: 1 }), undefined, T0 + 50_000)).toBe("running");
});

test("a run whose lease ran out is lost, wherever", () => {
  expect(runStatus(run(), lease(), undefined, T0 + 50_001 + LEASE_VALID_MS)).toBe("lost");
  expect(runStatus(run(), lease({ host: "elsewhere" }), undefined, T0 + 50_001 + LEASE_VALID_MS)).toBe("lost");
});

test("on this machine a process that is gone is seen at once; on another it is not asked for", () => {
  expect(runStatus(run(), lease({ pid: dead }), undefined, T0 + 50_000)).toBe("lost");
  expect(runStatus(run(), lease({ pid: dead, host: "elsewhere" }), undefined, T0 + 50_000)).toBe("running");
  expect(runStatus(run({ pid: dead }), undefined, undefined, T0)).toBe("lost");
});

test("the lease says who runs it, not the record", () => {
  expect(runStatus(run({ pid: dead }), lease(), undefined, T0 + 50_000)).toBe("running");
});

test("a run that has no lease yet counts from its start", () => {
  expect(runStatus(run(), undefined, undefined, T0 + LEASE_VALID_MS)).toBe("running");
  expect(runStatus(run({ host: "elsewhere" }), undefined, undefined, T0 + LEASE_VALID_MS + 1)).toBe("lost");
});

test("clocks that differ a little make nobody lost", () => {
  expect(runStatus(run(), lease({ renewedAt: T0 + 60_000 }), undefined, T0)).toBe("running");
});
