import { describe, expect, it } from "vitest";
import { correct } from "./corrected-output.js";
import { inShort, isExpected } from "./expected-output.js";

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
    ["Score/1  done  just now  0.4s  alpha=1\n", "Score/1  done   5 min ago    12s  alpha=1\n", true],
    ["Score/1  done  just now  0.4s  alpha=1\n", "Score/1  done  just now  0.4s  alpha=2\n", false],
    ["a  b\n", "a   b\n", false],
    ["a.c (x) [y] $1\n", "a.c (x) [y] $1\n", true],
    ["a.c\n", "abc\n", false],
    ["[F/1/a/0] x\n[F/1/a/1] y\n", "[F/1/a/1] y\n[F/1/a/0] x\n", true],
    ["[F/1/a/0] x\n[F/1/a/0] y\n", "[F/1/a/0] y\n[F/1/a/0] x\n", false],
    ["[F/1/a/0] x\nso\n[F/1/a/1] y\n", "[F/1/a/1] y\nso\n[F/1/a/0] x\n", false],
    ["[F/1/a/0] x\n[F/1/a/1] y\n", "[F/1/a/1] x\n[F/1/a/0] y\n", false],
    ["trailing spaces\n", "trailing spaces  \r\n", true],
  ])("%j against %j: %s", (expected, actual, result) => {
    expect(isExpected(expected, actual)).toBe(result);
  });
});

describe("output in short", () => {
  it("has no times, and no starts and ends of tasks", () => {
    const printed = [
      "2026-03-07 14:03:07.123 [Score/1] run started: 4 steps",
      "2026-03-07 14:03:07.123 [Score/1/rate/0] started",
      "2026-03-07 14:03:07.124 [Score/1/rate/0] 12 rated",
      "2026-03-07 14:03:07.130 [Score/1/rate/0] done in 7ms (over)",
      "✓ Score/1 done in 7ms: 1 task ran.",
    ];
    expect(inShort(printed.join("\n"))).toBe(
      ["[Score/1] run started: 4 steps", "[Score/1/rate/0] 12 rated", "✓ Score/1 done in 7ms: 1 task ran."].join("\n"),
    );
  });
});

describe("a corrected output", () => {
  it.each([
    ["takes what is new", "one\ntwo\n", "one\nnew\ntwo\n", "one\nnew\ntwo\n"],
    ["leaves out what is gone", "one\nold\ntwo\n", "one\ntwo\n", "one\ntwo\n"],
    ["keeps gaps", "one\n…\nthree\nfour\n", "one\ntwo\nthree\n4\n", "one\n…\nthree\n4\n"],
    ["keeps what stands for something else", "done in 3ms: … tasks\nold\n", "done in 0.4s: 4 tasks\nnew\n", "done in 3ms: … tasks\nnew\n"],
    ["is the printed one where nothing fits", "a\nb\n", "c\nd\n", "c\nd\n"],
  ])("%s", (_, expected, printed, result) => {
    expect(correct(expected, printed)).toBe(result);
    expect(isExpected(result, printed)).toBe(true);
  });
});
