import { expect, test } from "vitest";
import { withEngineWords } from "../../../src/compute/remote/attempt-end.js";
import type { Failure } from "../../../src/core/failure.js";
import type { AttemptRecord } from "../../../src/core/records.js";

const failure = (code: string): Failure => ({ code, name: "Error", message: code, frames: [] });
const failed = (code: string): AttemptRecord => ({ status: "failed", failure: failure(code) }) as AttemptRecord;

test.each([
  // A signal has ended the task; the engine knows why it was sent.
  ["killed", "job-lost", "job-lost"],
  ["killed", "out-of-memory", "out-of-memory"],
  ["killed", "cancelled", "cancelled"],
  // The engine knows no more than that.
  ["killed", "killed", "killed"],
  ["killed", "exited", "killed"],
  ["killed", undefined, "killed"],
  // The task failed by itself.
  ["exception", "job-lost", "exception"],
  ["timeout", "cancelled", "timeout"],
])("a task that says %s, and an engine that says %s: %s", (own, engine, told) => {
  const record = failed(own);
  const merged = withEngineWords(record, engine === undefined ? undefined : failure(engine));
  expect(merged.failure).toEqual(failure(told));
  if (own === told) expect(merged).toBe(record);
});

test("a task that is done is done, whatever became of its job", () => {
  const done = { status: "done" } as AttemptRecord;
  expect(withEngineWords(done, failure("job-lost"))).toBe(done);
});
