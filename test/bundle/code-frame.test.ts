import { expect, test } from "vitest";
import { codeFrame } from "../../src/bundle/code-frame.js";

const source = "one\ntwo\n\tthree\nfour\nfive\nsix\nseven\n";

test("shows two lines above and three below, and marks the column", () => {
  expect(codeFrame(source, 3, 2)).toBe(["  1 | one", "  2 | two", "> 3 | \tthree", "    | \t^", "  4 | four", "  5 | five", "  6 | six"].join("\n"));
  expect(codeFrame("one\r\ntwo\r\n", 1, 1)).toBe(["> 1 | one", "    | ^", "  2 | two", "  3 |"].join("\n"));
});

test("has no frame for a line that is not there", () => {
  expect(codeFrame(source, 0, 1)).toBeUndefined();
  expect(codeFrame(source, 99, 1)).toBeUndefined();
});

test("cuts long lines, and marks no column beyond the cut", () => {
  const frame = codeFrame(`${"x".repeat(10_000)}\n`, 1, 5000) ?? "";
  expect(frame.length).toBeLessThan(300);
  expect(frame).not.toContain("^");
});
