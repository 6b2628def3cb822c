import { expect, test } from "vitest";
import { withEngineWords } from "../../../src/compute/remote/attempt-end.js";
import type { Failure } from "../../../src/core/failure.js";
import type { AttemptRecord } from "../../../src/core/records.js";

const failure = (code: string, name = "Error"): Failure => ({ code, name, message: code, frames: [] });
const failed = (code: string): AttemptRecord => ({ status: "failed", failure: failure(code) }) as AttemptRecord;

test.each<[string, Failure | undefined, string]>([
  // A signal has ended the task; the engine knows why it was sent.
  ["killed", failure("job-lost", "NodeFailed"), "job-lost"],
  ["killed", failure("out-of-memory", "OutOfMemoryError"), "out-of-memory"],
  ["killed", failure("machine-lost", "MachineLost"), "machine-lost"],
  ["killed", failure("cancelled", "JobCancelled"), "cancelled"],
  // The engine knows no more than that.
  ["killed", failure("killed", "ProcessKilled"), "killed"],
  ["killed", failure("exited", "JobExited"), "killed"],
  ["killed", failure("job-lost", "JobLost"), "killed"],
  ["killed", undefined, "killed"],
  // The task failed by itself.
  ["exception", failure("job-lost", "NodeFailed"), "exception"],
  ["timeout", failure("cancelled", "JobCancelled"), "timeout"],
])("a task that says %s, and an engine that says %o: %s", (own, engine, told) => {
  const record = failed(own);
  const merged = withEngineWords(record, engine);
  expect(merged.failure?.code).toBe(told);
  if (own === told) expect(merged).toBe(record);
});

test("a task that is done is done, whatever became of its job", () => {
  const done = { status: "done" } as AttemptRecord;
  expect(withEngineWords(done, failure("job-lost"))).toBe(done);
});
