import { runFlow, runStep, TestClock } from "millrace/testing";
import { beforeEach, describe, expect, test, vi } from "vitest";
import OrdersFlow from "./flow.js";
import { fetchRate } from "./prices.js";

vi.mock("./prices.js");

beforeEach(() => {
  vi.mocked(fetchRate).mockReset().mockResolvedValue(0.5);
});

describe("one step", () => {
  test("convert takes the rate and the fee", async () => {
    const task = await runStep(OrdersFlow, "convert", { input: { currency: "USD", amount: 10 }, parameters: { fee: 1 } });
    expect(task.changes).toEqual({ euros: 4 });
    expect(task.next).toEqual(["sum"]);
    expect(fetchRate).toHaveBeenCalledWith("USD");
  });

  test("convert refuses what is owed", async () => {
    const owed = runStep(OrdersFlow, "convert", { input: { currency: "USD", amount: -1 } });
    await expect(owed).rejects.toThrow("an order of -1 USD");
  });

  test("sum leaves out what could not be converted, and counts it", async () => {
    const task = await runStep(OrdersFlow, "sum", {
      inputs: [{ euros: 4 }, { problem: new Error("no rate") }, { euros: 2 }],
    });
    expect(task.changes).toEqual({ total: 6, missing: 1 });
  });
});

describe("the whole flow", () => {
  const orders = [
    { currency: "USD", amount: 10 },
    { currency: "XXX", amount: 10 },
    { currency: "JPY", amount: 30 },
  ];

  test("adds up the orders", async () => {
    const run = await runFlow(OrdersFlow, { parameters: { orders } });
    expect(run.artifacts).toMatchObject({ total: 25, missing: 0 });
    expect(run.task("end").stdout).toBe("25.00 EUR\n");
    expect(run.tasks.convert.map((task) => task.label)).toEqual(["USD", "XXX", "JPY"]);
  });

  test("asks again when a rate fails, and goes on without it in the end", async () => {
    vi.mocked(fetchRate).mockImplementation((currency) => (currency === "XXX" ? Promise.reject(new Error("no rate")) : Promise.resolve(0.5)));
    const run = await runFlow(OrdersFlow, { parameters: { orders } });
    expect(run.artifacts).toMatchObject({ total: 20, missing: 1 });
    expect(run.task("convert", 1).attempts.map((attempt) => attempt.retryInMs)).toEqual([30_000, 60_000, undefined]);
  });

  test("does not wait for a slow exchange", async () => {
    const clock = new TestClock();
    vi.mocked(fetchRate).mockImplementation(async () => {
      await clock.sleep("10m");
      return 0.5;
    });
    const run = await runFlow(OrdersFlow, { clock });
    expect(run.artifacts.missing).toBe(1);
    expect(run.task("convert").error).toMatchObject({ code: "timeout" });
    // Three attempts of a minute each, and the waits between them.
    expect(run.durationMs).toBe((3 * 60 + 30 + 60) * 1000);
  });
});
