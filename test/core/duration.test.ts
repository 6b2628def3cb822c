import { expect, test } from "vitest";
import { parseDuration } from "../../src/core/duration.js";

test.each([
  ["30s", 30_000],
  ["5m", 300_000],
  ["2h", 7_200_000],
  ["1d", 86_400_000],
  ["1w", 604_800_000],
  ["100ms", 100],
  ["1h30m", 5_400_000],
  [" 1 h 30 min ", 5_400_000],
  ["1.5 days", 129_600_000],
  ["2 Hours", 7_200_000],
  ["0s", 0],
])("“%s” is %i ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", " ", "5", "5m3", "m", "-5m", "5 bananas", "about 5m", "5m!", "٣s"])("“%s” is no duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
