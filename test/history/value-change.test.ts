import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sameValue } from "../../src/codec/same-value.js";
import { describeChange } from "../../src/history/value-change.js";

const summary = (before: unknown, after: unknown): string => describeChange(before, after).summary;

describe("how two values differ", () => {
  test.each([
    [10, 12, "10 → 12 (+2, +20 %)"],
    [0, 0.5, "0 → 0.5 (+0.5)"],
    [-4, -5, "-4 → -5 (-1, -25 %)"],
    [0, -0, "0 → -0"],
    [1, Number.NaN, "1 → NaN"],
    [3n, 5n, "3n → 5n (+2, +66.67 %)"],
    ["a", "b", "'a' → 'b'"],
    ["a", undefined, "'a' → undefined"],
    [[1, 2, 3], "x", "[ 1, 2, 3 ] → 'x'"],
    [Buffer.alloc(10), Buffer.alloc(2048), "10 B → 2 KB"],
  ])("case %#", (before, after, expected) => {
    expect(summary(before, after)).toBe(expected);
  });

  test("of tables: rows, columns, and what differs in which", () => {
    const before = [
      { id: 1, price: 2, old: true },
      { id: 2, price: 3, old: true },
    ];
    const after = [
      { id: 1, price: 2.5, name: "a" },
      { id: 2, price: 3, name: "b" },
      { id: 3, price: 4, name: "c" },
    ];
    expect(describeChange(before, after)).toEqual({
      summary: "2 → 3 rows, new column name, without old, 1 row differs in price (1)",
      places: ["[0].price: 2 → 2.5 (+0.5, +25 %)"],
    });
  });

  test("of lists of numbers, typed or not: how many, and by how much", () => {
    expect(describeChange([1, 2, 3], [1, 2.5, 1])).toEqual({
      summary: "3 numbers, 2 differ, by 2 at most",
      places: ["[1]: 2 → 2.5 (+0.5, +25 %)", "[2]: 3 → 1 (-2, -66.67 %)"],
    });
    expect(summary(new Float64Array(5), new Float64Array(7))).toBe("5 → 7 numbers");
  });

  test("of trees: place by place", () => {
    const before = { a: { b: [1, 2, "x"] }, gone: 1 };
    const after = { a: { b: [1, 5, "x"] }, more: { c: 1 } };
    expect(describeChange(before, after)).toEqual({
      summary: "3 places differ",
      places: [".a.b[1]: 2 → 5 (+3, +150 %)", ".gone: gone, was 1", ".more: new, { c: 1 }"],
    });
  });

  test("many places are counted, and the first are told", () => {
    const many = (offset: number): object => Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, String(index + offset)]));
    const { summary: text, places } = describeChange(many(0), many(1));
    expect(text).toBe("10,000 or more places differ");
    expect(places).toHaveLength(8);
  });

  test("never throws, and always says something of values that are not the same", () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true }), fc.anything(), (before, after) => {
        fc.pre(!sameValue(before, after));
        const { summary: text, places } = describeChange(before, after);
        expect(text).not.toBe("");
        expect(places.length).toBeLessThanOrEqual(8);
      }),
      { numRuns: 500 },
    );
  });
});
