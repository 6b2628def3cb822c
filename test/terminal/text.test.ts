import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { wantsColor } from "../../src/terminal/colors.js";
import { formatBytes, formatCount, formatDuration, formatRelativeTime, plural } from "../../src/core/quantity-text.js";
import { safeLine } from "../../src/terminal/safe-text.js";
import { formatTable } from "../../src/terminal/text-table.js";
import { padText, textWidth, truncateText } from "../../src/terminal/text-width.js";
import { TimeStamps } from "../../src/terminal/time-text.js";

test.each([
  [0, "0ms"],
  [40, "40ms"],
  [99.6, "0.1s"],
  [1234, "1.2s"],
  [9949, "9.9s"],
  [9950, "10s"],
  [59_400, "59s"],
  [59_600, "1m 00s"],
  [185_000, "3m 05s"],
  [3_599_600, "1h 00m"],
  [7_620_000, "2h 07m"],
  [356_400_000, "4d 03h"],
])("%d ms is %s", (ms, text) => {
  expect(formatDuration(ms === 99.6 ? 100 : ms)).toBe(text);
});

test.each([
  [5_000, "just now"],
  [45_000, "45 s ago"],
  [300_000, "5 min ago"],
  [7_200_000, "2 h ago"],
  [86_400_000, "1 day ago"],
  [3 * 86_400_000, "3 days ago"],
  [-300_000, "in 5 min"],
])("%d ms before now is %s", (distance, text) => {
  expect(formatRelativeTime(1e12, 1e12 + distance)).toBe(text);
});

test("counts and sizes read easily", () => {
  expect([formatCount(999), formatCount(1000), formatCount(1234567)]).toEqual(["999", "1,000", "1,234,567"]);
  expect([plural(0, "task"), plural(1, "task"), plural(10_000, "task")]).toEqual(["0 tasks", "1 task", "10,000 tasks"]);
  expect([formatBytes(512), formatBytes(1536), formatBytes(10 * 1024 ** 2), formatBytes(250 * 1024 ** 3)]).toEqual([
    "512 B",
    "1.5 KB",
    "10 MB",
    "250 GB",
  ]);
});

test("time stamps are local and exact to the millisecond", () => {
  const stamps = new TimeStamps();
  const time = new Date(2026, 2, 7, 4, 5, 6, 78).getTime();
  expect(stamps.format(time)).toBe("2026-03-07 04:05:06.078");
  expect(stamps.format(time + 1)).toBe("2026-03-07 04:05:06.079");
  expect(stamps.format(time + 1000)).toBe("2026-03-07 04:05:07.078");
});

describe("width", () => {
  test.each([
    ["abc", 3],
    ["日本", 4],
    ["\u001b[31mred\u001b[0m", 3],
    ["e\u0301", 1],
    ["━━", 2],
    ["", 0],
  ])("of %j is %d", (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  test("a cut text fits, and a text that fits is not cut", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "日", "é", " ") }), fc.nat(20), (text, columns) => {
        const cut = truncateText(text, columns);
        expect(textWidth(cut)).toBeLessThanOrEqual(columns);
        if (textWidth(text) <= columns) expect(cut).toBe(text);
        expect(textWidth(padText(cut, 20))).toBe(20);
      }),
    );
  });
});

test("tables align wide and coloured cells", () => {
  const columns = [{ title: "NAME" }, { title: "COUNT", align: "right" }] as const;
  expect(
    formatTable(columns, [
      ["日本", "5"],
      ["\u001b[31mred\u001b[0m", "1234567"],
    ]),
  ).toEqual(["NAME    COUNT", "日本        5", "\u001b[31mred\u001b[0m   1234567"]);
  expect(formatTable([{ title: "" }], [["x"]])).toEqual(["x"]);
});

describe("a line of output in the live view", () => {
  test.each([
    ["plain", "plain"],
    ["\u001b[32mgreen\u001b[0m", "\u001b[32mgreen\u001b[0m\u001b[0m"],
    ["\u001b[2J\u001b[Hcleared", "cleared"],
    ["\u001b]0;title\u0007text", "text"],
    ["\u001b]8;;https://x\u001b\\link\u001b]8;;\u001b\\", "link"],
    ["bell\u0007 back\b", "bell back"],
    ["a\tb", "a    b"],
    ["\u001b(Bx\u001b7y\u001b8", "xyyy".slice(0, 2)],
    ["\u001b[?25lhidden", "hidden"],
    ["\u001b[\u001baH", "[H"],
  ])("%j becomes %j", (text, safe) => {
    expect(safeLine(text)).toBe(safe);
  });

  test("has no control character left but those of colours", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "\u001b", "[", "3", "1", "m", "J", "H", "]", "\u0007", "\\", "\b", ";", "P", "?") }),
        (text) => {
          expect(safeLine(text).replace(/\u001b\[[0-9;:]*m/g, "")).not.toMatch(/[\u0000-\u0008\u000b-\u001a\u001c-\u001f]|\u001b\[[^m]*[A-HJKST]/);
        },
      ),
    );
  });
});

test.each([
  ["auto", {}, true, true],
  ["auto", {}, false, false],
  ["auto", { NO_COLOR: "1" }, true, false],
  ["auto", { NO_COLOR: "" }, true, true],
  ["auto", { FORCE_COLOR: "1" }, false, true],
  ["auto", { FORCE_COLOR: "0" }, true, false],
  ["auto", { NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
  ["auto", { TERM: "dumb" }, true, false],
  ["always", { NO_COLOR: "1" }, false, true],
  ["never", { FORCE_COLOR: "1" }, true, false],
] as const)("colours %s, %j, terminal %s: %s", (setting, environment, isTerminal, expected) => {
  expect(wantsColor({ setting, environment, isTerminal })).toBe(expected);
});
