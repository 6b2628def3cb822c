import { expect, test } from "vitest";
import { jobFailure } from "../../../src/compute/batch/job-failure.js";

const ESSENTIAL = "Essential container in task exited";

test("a job that succeeded has not failed", () => {
  expect(jobFailure({ status: "SUCCEEDED", statusReason: ESSENTIAL, reason: undefined, exitCode: 0 })).toBeUndefined();
});

test.each([
  ["out-of-memory", { statusReason: ESSENTIAL, reason: "OutOfMemoryError: Container killed due to memory usage", exitCode: 137 }],
  ["killed", { statusReason: ESSENTIAL, reason: undefined, exitCode: 137 }],
  ["exited", { statusReason: ESSENTIAL, reason: undefined, exitCode: 3 }],
  ["machine-lost", { statusReason: "Host EC2 (instance i-0abc123) terminated.", reason: undefined, exitCode: undefined }],
  [
    "image-unavailable",
    { statusReason: "Task failed to start", reason: "CannotPullContainerError: pull image manifest has been retried 1 time(s)", exitCode: undefined },
  ],
  [
    "container-unstartable",
    { statusReason: "Task failed to start", reason: 'CannotStartContainerError: exec: "node": executable file not found in $PATH', exitCode: 127 },
  ],
  [
    "container-unstartable",
    { statusReason: "Task failed to start", reason: "ResourceInitializationError: unable to pull secrets", exitCode: undefined },
  ],
  ["timeout", { statusReason: "Job attempt duration exceeded timeout", reason: undefined, exitCode: 137 }],
  ["job-lost", { statusReason: "Ended by millrace batch kill.", reason: undefined, exitCode: undefined }],
  ["job-lost", { statusReason: undefined, reason: undefined, exitCode: undefined }],
])("%s: %o", (code, job) => {
  const failure = jobFailure({ status: "FAILED", ...job });
  expect(failure).toMatchObject({ code, message: expect.stringMatching(/[.)]$/), hint: expect.stringMatching(/./) });
  // What AWS says beside the obvious is passed on.
  const said = job.reason ?? (job.statusReason === ESSENTIAL ? "" : job.statusReason) ?? "";
  if (!["out-of-memory", "timeout"].includes(code)) expect(failure?.message).toContain(said.replace(/\.$/, ""));
});
