import { describe, expect, it } from "vitest";
import { isExpected } from "./expected-output.js";

describe("expected output", () => {
  it.each([
    ["one\ntwo\n", "one\ntwo\n", true],
    ["one\n", "one\ntwo\n", false],
    ["two\n", "one\ntwo\n", false],
    ["one\n…\nfour\n", "one\ntwo\nthree\nfour\n", true],
    ["one\n…\ntwo\n", "one\ntwo\n", true],
    ["…\ntwo\n…\n", "one\ntwo\nthree\n", true],
    ["done in … s\n", "done in 0.41 s\n", true],
    ["done in … s\n", "done in 0.41\n s\n", false],
    ["a done in 0.4s: b in 12ms\n", "a done in 1m 05s: b in 0.2s\n", true],
    ["a done in 0.4s\n", "a done in no time\n", false],
    ["a.c (x) [y] $1\n", "a.c (x) [y] $1\n", true],
    ["a.c\n", "abc\n", false],
    ["trailing spaces\n", "trailing spaces  \r\n", true],
  ])("%j against %j: %s", (expected, actual, result) => {
    expect(isExpected(expected, actual)).toBe(result);
  });
});
