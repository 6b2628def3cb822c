import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatTaskId } from "../../src/core/task-id.js";
import { compareTaskRefs, countTaskRefs, formatTaskRef, packTaskRefs, parseTaskRef, unpackTaskRefs } from "../../src/core/task-ref.js";

const name = fc.stringMatching(/^[A-Za-z_$][A-Za-z0-9_$]{0,6}$/);
const taskId = fc.tuple(fc.array(fc.nat(12), { maxLength: 3 }), fc.nat(2)).map(([path, iteration]) => formatTaskId(path, iteration));
const run = fc.option(fc.integer({ min: 1, max: 30 }).map(String), { nil: undefined });

test("what is written is read", () => {
  fc.assert(
    fc.property(name, taskId, run, (step, task, id) => {
      expect(parseTaskRef(formatTaskRef(step, task, id))).toEqual({ run: id, step, task });
    }),
  );
});

describe("ranges", () => {
  test.each<[string[], string[]]>([
    [[], []],
    [["a/0"], ["a/0"]],
    [["a/0", "a/1", "a/2"], ["a/0-2"]],
    [["a/9", "a/10", "a/11"], ["a/9-11"]],
    [
      ["a/2", "a/1"],
      ["a/2", "a/1"],
    ],
    [
      ["a/1", "a/1"],
      ["a/1", "a/1"],
    ],
    [
      ["a/0", "a/2"],
      ["a/0", "a/2"],
    ],
    [
      ["a/0", "b/1"],
      ["a/0", "b/1"],
    ],
    [
      ["12:a/4", "12:a/5", "13:a/6"],
      ["12:a/4-5", "13:a/6"],
    ],
    [
      ["a/4", "12:a/5"],
      ["a/4", "12:a/5"],
    ],
    [
      ["in/3.0", "in/3.1", "in/4.2"],
      ["in/3.0-1", "in/4.2"],
    ],
    [
      ["a/3", "a/3.4"],
      ["a/3", "a/3.4"],
    ],
    [
      ["a/0~1", "a/1~1"],
      ["a/0~1", "a/1~1"],
    ],
    [
      ["a/~1", "a/~2"],
      ["a/~1", "a/~2"],
    ],
    [["a1/0", "a1/1"], ["a1/0-1"]],
  ])("%j are %j", (refs, ranges) => {
    expect(packTaskRefs(refs)).toEqual(ranges);
    expect([...unpackTaskRefs(ranges)]).toEqual(refs);
    expect(countTaskRefs(ranges)).toBe(refs.length);
  });

  test("whatever the refs and their order, what is packed is unpacked", () => {
    const step = fc.constantFrom("a", "b", "$", "_1");
    const ref = fc.tuple(step, taskId, fc.constantFrom(undefined, "1", "12")).map(([of, task, id]) => formatTaskRef(of, task, id));
    const row = fc.tuple(ref, fc.nat(30)).map(([first, count]) => {
      const { step: of, task, run: id } = parseTaskRef(first);
      return /^\d+$/.test(task) ? Array.from({ length: count }, (_, index) => formatTaskRef(of, String(Number(task) + index), id)) : [first];
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 6 }), (rows) => {
        const refs = rows.flat();
        expect([...unpackTaskRefs(packTaskRefs(refs))]).toEqual(refs);
      }),
    );
  });

  test("a wide fan-out is one range, and is walked without being held", () => {
    const refs = function* (): Generator<string> {
      for (let index = 0; index < 100_000; index++) yield `score/${index}`;
    };
    const ranges = packTaskRefs(refs());
    expect(ranges).toEqual(["score/0-99999"]);
    const walk = unpackTaskRefs(["score/0-999999999999"]);
    expect([walk.next().value, walk.next().value]).toEqual(["score/0", "score/1"]);
  });
});

test("refs of a step sort by place, those of different steps by name", () => {
  const sorted = ["a/0", "a/2", "a/10", "b/0", "b/~1"];
  expect([...sorted].reverse().sort(compareTaskRefs)).toEqual(sorted);
});
