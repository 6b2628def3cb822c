import { expect, test } from "vitest";
import { formatNumber } from "../../src/cards/values/number-text.js";

test.each<[number | bigint, string]>([
  [0, "0"],
  [-0, "0"],
  [2026, "2026"],
  [12_500, "12,500"],
  [-1_234_567, "−1,234,567"],
  [0.1 + 0.2, "0.3"],
  [91.723456, "91.7235"],
  [-0.5, "−0.5"],
  [1.5e-9, "1.5e-9"],
  [0.000026, "2.6e-5"],
  [0.0005, "0.0005"],
  [6.02214076e23, "6.02214e23"],
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "∞"],
  [Number.NEGATIVE_INFINITY, "−∞"],
  [123_456_789_012_345_678_901n, "123,456,789,012,345,678,901"],
])("%s reads %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test("as many digits as are asked for", () => {
  expect(formatNumber(Math.PI, 3)).toBe("3.14");
  expect(formatNumber(0.91723456, 15)).toBe("0.91723456");
});
