import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { listenToSignals } from "../../src/cli/run-signals.js";

let before: readonly NodeJS.SignalsListener[];

beforeEach(() => {
  before = process.listeners("SIGTERM");
});

afterEach(() => {
  vi.restoreAllMocks();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    for (const listener of process.listeners(name)) if (!before.includes(listener)) process.off(name, listener);
  }
});

/** As the system would send it. */
function send(): void {
  process.emit("SIGTERM", "SIGTERM");
}

test("the first signal stops, the second kills", () => {
  using signals = listenToSignals();
  send();
  expect([signals.stop.aborted, signals.kill.aborted]).toEqual([true, false]);
  send();
  expect(signals.kill.aborted).toBe(true);
});

test("one that follows the first closely does not end the process when the run is over; one that comes later does", () => {
  const exit = vi.spyOn(process, "exit").mockImplementation((() => {}) as () => never);
  const now = vi.spyOn(performance, "now").mockReturnValue(10_000);
  const signals = listenToSignals();
  send();
  signals[Symbol.dispose]();
  now.mockReturnValue(10_200);
  send();
  expect(exit).not.toHaveBeenCalled();
  now.mockReturnValue(12_000);
  send();
  expect(exit).toHaveBeenCalledWith(130);
});

test("without a signal nothing is left behind", () => {
  listenToSignals()[Symbol.dispose]();
  expect(process.listeners("SIGTERM")).toEqual(before);
});
