import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compareTaskIds, formatTaskId, parseTaskId } from "../../src/core/task-id.js";

test.each<[readonly number[], number, string]>([
  [[], 0, "0"],
  [[3], 0, "3"],
  [[3, 7], 0, "3.7"],
  [[], 2, "~2"],
  [[3], 2, "3~2"],
  [[0, 0, 12], 10, "0.0.12~10"],
])("%j in round %i is %s", (path, iteration, id) => {
  expect(formatTaskId(path, iteration)).toBe(id);
});

test.each(["", "a", "-1", "3.", ".3", "3..4", "3~", "3~0", "~0", "3~-1", "3~1~2", " 3", "3 ", "3/4", "0x1", "1e3"])("%j is no task id", (text) => {
  expect(parseTaskId(text)).toBeUndefined();
});

const indexes = fc.array(fc.nat(1_000_000), { maxLength: 4 });

test("what is written is read", () => {
  fc.assert(
    fc.property(indexes, fc.nat(1000), (path, iteration) => {
      const place = parseTaskId(formatTaskId(path, iteration));
      // A place outside any fan-out is written 0, as the first item of one is: the step tells them apart.
      expect(place).toEqual({ path: path.length === 0 && iteration === 0 ? [0] : path, iteration });
    }),
  );
});

test("places differ, ids differ", () => {
  const place = fc.tuple(fc.array(fc.nat(3), { minLength: 2, maxLength: 2 }), fc.nat(3));
  fc.assert(
    fc.property(place, place, ([path, round], [otherPath, otherRound]) => {
      const same = path.join() === otherPath.join() && round === otherRound;
      expect(formatTaskId(path, round) === formatTaskId(otherPath, otherRound)).toBe(same);
    }),
  );
});

test("ids sort by index, outermost first, then by round", () => {
  const sorted = ["0", "~1", "~2", "~10"];
  expect([...sorted].reverse().sort(compareTaskIds)).toEqual(sorted);
  const nested = ["0.0", "0.0~1", "0.2", "0.10", "1.0", "2.0", "10.0", "10.0~2"];
  expect([...nested].reverse().sort(compareTaskIds)).toEqual(nested);
});

test("sorting is consistent", () => {
  const id = fc.tuple(indexes, fc.nat(3)).map(([path, iteration]) => formatTaskId(path, iteration));
  fc.assert(
    fc.property(id, id, id, (a, b, c) => {
      expect(Math.sign(compareTaskIds(a, b))).toBe(-Math.sign(compareTaskIds(b, a)) + 0);
      expect(compareTaskIds(a, b) === 0).toBe(a === b);
      if (compareTaskIds(a, b) <= 0 && compareTaskIds(b, c) <= 0) expect(compareTaskIds(a, c)).toBeLessThanOrEqual(0);
    }),
  );
});
