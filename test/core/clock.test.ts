import { expect, test, vi } from "vitest";
import { systemClock } from "../../src/core/clock.js";

test("a timer calls back once, unless it is called off", () => {
  vi.useFakeTimers();
  try {
    const called: string[] = [];
    systemClock.after(1000, () => called.push("first"));
    const callOff = systemClock.after(1000, () => called.push("second"));
    callOff();
    vi.advanceTimersByTime(999);
    expect(called).toEqual([]);
    vi.advanceTimersByTime(5000);
    expect(called).toEqual(["first"]);
  } finally {
    vi.useRealTimers();
  }
});

test("a wait longer than a timer can hold is cut, not skipped", () => {
  vi.useFakeTimers();
  try {
    let called = false;
    systemClock.after(1e12, () => (called = true));
    vi.advanceTimersByTime(1000);
    expect(called).toBe(false);
  } finally {
    vi.useRealTimers();
  }
});
