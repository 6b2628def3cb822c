import { describe, expect, test } from "vitest";
import { TestClock } from "../../src/testing/index.js";

const start = new Date(1_000_000);

describe("a test's clock", () => {
  test("stands still until it is moved, and what comes due is called in its order", () => {
    const clock = new TestClock(start);
    const called: string[] = [];
    const note = (name: string) => () => called.push(`${name} ${clock.now() - start.getTime()}`);
    clock.after(3_000, note("third"));
    clock.after(1_000, note("first"));
    const cancel = clock.after(1_500, note("never"));
    clock.after(2_000, () => {
      note("second")();
      clock.after(500, note("between"));
    });
    cancel();
    clock.advance("999ms");
    expect(called).toEqual([]);
    clock.advance("10s");
    expect(called).toEqual(["first 1000", "second 2000", "between 2500", "third 3000"]);
    expect(clock.now() - start.getTime()).toBe(10_999);
  });

  test("jumps to what is waited for when nothing is at work", async () => {
    const clock = new TestClock(start);
    await new Promise<void>((resolve) => clock.after(86_400_000, resolve));
    expect(clock.now() - start.getTime()).toBe(86_400_000);
  });

  test("does not jump while something is at work, unless all of it sleeps", async () => {
    const clock = new TestClock(start);
    const order: string[] = [];
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const sleeper = clock.work(async () => {
      await clock.sleep("1m");
      order.push(`woke ${clock.now() - start.getTime()}`);
    });
    const worker = clock.work(async () => {
      await held;
      order.push(`worked ${clock.now() - start.getTime()}`);
    });
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual([]);
    release();
    await Promise.all([sleeper, worker]);
    expect(order).toEqual(["worked 0", "woke 60000"]);
  });

  test("is not moved by what an attempt has left behind", async () => {
    const clock = new TestClock(start);
    let woke = false;
    await clock.work(async () => {
      void clock.sleep("1h").then(() => (woke = true));
      setImmediate(() => void clock.sleep("2h").then(() => (woke = true)));
      await Promise.resolve();
    });
    await clock.work(() => clock.sleep("1m"));
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(clock.now() - start.getTime()).toBe(60_000);
    clock.advance("1d");
    await Promise.resolve();
    expect(woke).toBe(false);
  });

  test("lets time pass at once for a test that sleeps by it", async () => {
    const clock = new TestClock(start);
    await clock.sleep("5m");
    expect(clock.now() - start.getTime()).toBe(300_000);
  });

  test.each(["5", "soon", ""])("does not take “%s” for a duration", async (duration) => {
    const clock = new TestClock();
    expect(() => clock.advance(duration)).toThrow(expect.objectContaining({ code: "bad-duration" }) as Error);
    await expect(clock.sleep(duration)).rejects.toMatchObject({ code: "bad-duration" });
  });
});
