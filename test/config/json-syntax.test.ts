import * as fc from "fast-check";
import { expect, test } from "vitest";
import { findJsonError } from "../../src/config/json-syntax.js";

test("finds nothing wrong with JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, "\t"), (value, space) => {
      expect(findJsonError(JSON.stringify(value, undefined, space))).toBeUndefined();
    }),
  );
});

test("refuses what JSON.parse refuses, and nothing else", () => {
  const changed = fc
    .tuple(fc.jsonValue(), fc.nat(), fc.constantFrom("", ",", "]", "}", '"', "x", "0", ".", "-", "\\", "\n", ":"))
    .map(([value, place, inserted]) => {
      const text = JSON.stringify(value);
      const at = place % (text.length + 1);
      return text.slice(0, at) + inserted + text.slice(at + (place % 2));
    });
  fc.assert(
    fc.property(changed, (text) => {
      expect(findJsonError(text) === undefined).toBe(parses(text));
    }),
    { numRuns: 2000 },
  );
});

test("the text before the place could still have become JSON", () => {
  expect(findJsonError('{"a": [1, 2,, 3]}')).toMatchObject({ offset: 12 });
  expect(findJsonError("{'a': 1}")).toMatchObject({ offset: 1 });
  expect(findJsonError('{"a": 01}')).toMatchObject({ offset: 6 });
  expect(findJsonError('{"a": 1')).toMatchObject({ offset: 7 });
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
