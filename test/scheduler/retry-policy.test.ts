import { expect, test } from "vitest";
import type { DecoratorUse } from "../../src/core/definition.js";
import type { GraphStep } from "../../src/core/graph.js";
import { retryDelayMs, retryPolicy, type RetryPolicy } from "../../src/scheduler/retry-policy.js";

const stepWith = (...decorators: readonly DecoratorUse[]): GraphStep => ({
  name: "a",
  kind: "linear",
  next: ["end"],
  takes: "nothing",
  splits: [],
  loops: false,
  decorators,
  lost: [],
});

const policy: RetryPolicy = { times: 10, delayMs: 1000, backoff: 2, maxDelayMs: 60_000, jitter: false, asks: false };

test("a step without @retry is tried once", () => {
  expect(retryPolicy(stepWith()).times).toBe(0);
});

test("a bare @retry has the documented defaults", () => {
  expect(retryPolicy(stepWith({ name: "retry", options: {}, from: "code" }))).toEqual({
    times: 3,
    delayMs: 10_000,
    backoff: 2,
    maxDelayMs: 300_000,
    jitter: true,
    asks: false,
  });
});

test("options count, those in the code before those of --with", () => {
  const step = stepWith(
    { name: "retry", options: { times: 9 }, from: "with" },
    { name: "retry", options: { times: 1, delayMs: 5, jitter: false }, functions: ["if"], from: "code" },
  );
  expect(retryPolicy(step)).toEqual({ times: 1, delayMs: 5, backoff: 2, maxDelayMs: 300_000, jitter: false, asks: true });
});

test.each([
  [0, 1000],
  [1, 2000],
  [2, 4000],
  [5, 32_000],
  [6, 60_000],
  [5000, 60_000],
])("after attempt %i the wait is %i ms", (attempt, delayMs) => {
  expect(retryDelayMs(policy, attempt, 0.5)).toBe(delayMs);
});

test("no delay stays none, however often it is doubled", () => {
  expect(retryDelayMs({ ...policy, delayMs: 0 }, 5000, 1)).toBe(0);
});

test("a delay longer than the longest is kept, and does not grow", () => {
  expect([0, 1, 2].map((attempt) => retryDelayMs({ ...policy, delayMs: 600_000 }, attempt, 0))).toEqual([600_000, 600_000, 600_000]);
});

test("jitter spreads waits between half and all of the delay", () => {
  const spread = { ...policy, jitter: true };
  expect(retryDelayMs(spread, 1, 0)).toBe(1000);
  expect(retryDelayMs(spread, 1, 0.5)).toBe(1500);
  expect(retryDelayMs(spread, 1, 1)).toBe(2000);
});
