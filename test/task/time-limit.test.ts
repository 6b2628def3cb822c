import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { backgroundClock } from "../../src/core/clock.js";
import { AttemptTimeout, withTimeLimit } from "../../src/task/time-limit.js";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const after = (ms: number): Promise<string> => new Promise((resolve) => setTimeout(() => resolve("done"), ms));

test("work that ends in time is not touched, and leaves no timer", async () => {
  const work = withTimeLimit(backgroundClock, 1000, () => after(999));
  await vi.advanceTimersByTimeAsync(999);
  expect(await work).toBe("done");
  expect(vi.getTimerCount()).toBe(0);
});

test("work that takes longer is given up when its time is up", async () => {
  const work = withTimeLimit(backgroundClock, 1000, () => after(1001));
  const ended = expect(work).rejects.toMatchObject({ timeoutMs: 1000 });
  await vi.advanceTimersByTimeAsync(1000);
  await ended;
  await expect(work).rejects.toBeInstanceOf(AttemptTimeout);
});

test("work that fails fails, in time or late", async () => {
  const early = withTimeLimit(backgroundClock, 1000, () => Promise.reject(new Error("early")));
  await expect(early).rejects.toThrow("early");
  const late = withTimeLimit(backgroundClock, 10, () => after(20).then(() => Promise.reject(new Error("late"))));
  const ended = expect(late).rejects.toBeInstanceOf(AttemptTimeout);
  // Nobody hears of the late failure: it must not count as a rejection that nobody handled.
  await vi.advanceTimersByTimeAsync(30);
  await ended;
});

test("without a limit work takes as long as it takes", async () => {
  const work = withTimeLimit(backgroundClock, undefined, () => after(1e9));
  await vi.advanceTimersByTimeAsync(1e9);
  expect(await work).toBe("done");
});
