import { describe, expect, test } from "vitest";
import { Pace } from "../../../src/compute/remote/pace.js";
import type { Clock } from "../../../src/core/clock.js";

/** Time that passes when somebody waits. */
class WaitedTime implements Clock {
  #now = 0;

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    let isOff = false;
    queueMicrotask(() => {
      if (isOff) return;
      this.#now += delayMs;
      callback();
    });
    return () => (isOff = true);
  }
}

/** Looks for so long, each at the cost of so many requests; answers the times. */
async function look({ requests, forMs, changing }: { requests: number; forMs: number; changing: boolean }): Promise<readonly number[]> {
  const clock = new WaitedTime();
  const engine = { pollMs: 1_000, requests: 0 };
  const pace = new Pace(engine, clock);
  const times: number[] = [];
  while (clock.now() < forMs) {
    await pace.wait();
    times.push(clock.now());
    engine.requests += requests;
    pace.saw(changing ? 1 : 0);
  }
  return times;
}

const HOUR_MS = 3_600_000;

describe("looking at jobs", () => {
  test.each([1, 3, 20, 200])("%i requests a look make at most one a second, on average over an hour", async (requests) => {
    const times = await look({ requests, forMs: HOUR_MS, changing: true });
    // What is allowed at once comes on top, once, and the last look.
    expect(times.length * requests).toBeLessThanOrEqual((times.at(-1) ?? 0) / 1_000 + 30 + requests);
    expect(times.length * requests).toBeGreaterThan(3_000);
  });

  test("is brisk at first, and slow while nothing happens", async () => {
    const times = await look({ requests: 2, forMs: HOUR_MS, changing: false });
    expect(times.slice(0, 3)).toEqual([1_000, 2_000, 3_000]);
    const [last = 0, before = 0] = times.toReversed();
    expect(last - before).toBe(10_000);
  });

  test("is brisk again when something was done to jobs", async () => {
    const clock = new WaitedTime();
    const pace = new Pace({ pollMs: 1_000, requests: 0 }, clock);
    while (clock.now() < HOUR_MS) await pace.wait();
    const before = clock.now();
    pace.hurry();
    await pace.wait();
    expect(clock.now() - before).toBe(1_000);
  });
});
