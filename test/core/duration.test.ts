import { expect, test } from "vitest";
import { parseDuration } from "../../src/core/duration.js";

test.each([
  ["30s", 30_000],
  ["5m", 300_000],
  ["2h", 7_200_000],
  ["1d", 86_400_000],
  ["1h30m", 5_400_000],
  ["1.5 days", 129_600_000],
  ["250ms", 250],
  ["0s", 0],
  [" 10 S ", 10_000],
  ["1 week", 604_800_000],
])("%s is %i ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "5", "m", "-5m", "5 parsecs", "5m and a bit", "1e3s", "five minutes", "5mm", "NaN"])("%j is no duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
