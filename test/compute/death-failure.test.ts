import { expect, test } from "vitest";
import { deathFailure, type Ending } from "../../src/compute/local/death-failure.js";
import type { ProcessExit } from "../../src/compute/local/task-process.js";

const died = (exit: Partial<ProcessExit>, ending?: Ending, stderr = "") =>
  deathFailure({ exit: { code: null, signal: null, ...exit }, ending, stderr, step: "score" });

test.each<[string, Partial<ProcessExit>, Ending | undefined, string, string, RegExp]>([
  ["an exit code", { code: 7 }, undefined, "", "exited", /exit code 7/],
  ["a signal", { signal: "SIGSEGV" }, undefined, "", "killed", /SIGSEGV/],
  ["no process at all", {}, undefined, "", "exited", /unknown/],
  [
    "an abort for want of memory",
    { signal: "SIGABRT" },
    undefined,
    "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
    "out-of-memory",
    /heap memory/,
  ],
  ["a kill for want of memory", { signal: "SIGKILL", isOutOfMemory: true }, undefined, "", "out-of-memory", /more memory than there is for it/],
  ["a time limit", { signal: "SIGKILL" }, { kind: "timeout", timeoutMs: 120_000 }, "", "timeout", /score took longer than its @timeout of 2 min/],
  ["a time limit in seconds", { signal: "SIGKILL" }, { kind: "timeout", timeoutMs: 1500 }, "heap out of memory", "timeout", /1.5 s/],
  ["a stop", { signal: "SIGTERM" }, { kind: "stopped" }, "", "stopped", /interrupted/],
  ["a refusal that says nothing", { signal: "SIGKILL" }, { kind: "refused", failure: undefined }, "", "refused", /could not begin/],
])("%s", (_name, exit, ending, stderr, code, words) => {
  expect(died(exit, ending, stderr)).toMatchObject({ code, message: expect.stringMatching(words), frames: [] });
});

test("a kill from outside is most often memory, and says so; other signals do not", () => {
  expect(died({ signal: "SIGKILL" }).hint).toContain("memory");
  expect(died({ signal: "SIGBUS" })).not.toHaveProperty("hint");
});

test("a refusal that says why is told as it is", () => {
  const failure = { code: "exception", name: "Error", message: "why", frames: [] };
  expect(died({ signal: "SIGKILL" }, { kind: "refused", failure })).toEqual(failure);
});
