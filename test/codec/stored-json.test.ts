import * as fc from "fast-check";
import { expect, test } from "vitest";
import { jsonOf } from "../../src/codec/stored-json.js";

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
}

test("what JSON can say stands as it is", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(!JSON.stringify(value).includes('"$type"') && !/-0(?![.\d])/.test(JSON.stringify(value)));
      // JSON.stringify writes -0 as 0, which we do not.
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(JSON.parse(JSON.stringify(jsonOf(plain)))).toEqual(plain);
    }),
  );
});

test.each([
  [undefined, { $type: "undefined" }],
  [Number.NaN, { $type: "number", value: "NaN" }],
  [Number.NEGATIVE_INFINITY, { $type: "number", value: "-Infinity" }],
  [-0, { $type: "number", value: "-0" }],
  [12345678901234567890n, { $type: "bigint", value: "12345678901234567890" }],
  [new Date(0), { $type: "Date", value: "1970-01-01T00:00:00.000Z" }],
  [/a+/gi, { $type: "RegExp", value: "/a+/gi" }],
  [new Map<unknown, unknown>([["a", new Set([1])]]), { $type: "Map", value: [["a", { $type: "Set", value: [1] }]] }],
  [Buffer.from("hi"), { $type: "Buffer", value: "aGk=" }],
  [new Uint8Array([1, 2]), { $type: "Uint8Array", value: "AQI=" }],
  [new Float64Array([1.5, Number.NaN]), { $type: "Float64Array", value: [1.5, { $type: "number", value: "NaN" }] }],
  [new BigInt64Array([5n]), { $type: "BigInt64Array", value: [{ $type: "bigint", value: "5" }] }],
  [new Uint8Array([1]).buffer, { $type: "ArrayBuffer", value: "AQ==" }],
  [new Point(1, 2), { $type: "Point", value: { x: 1, y: 2 } }],
  [
    { $type: "mine", a: 1 },
    {
      $type: "Object",
      value: [
        ["$type", "mine"],
        ["a", 1],
      ],
    },
  ],
  [
    [1, undefined],
    [1, { $type: "undefined" }],
  ],
  [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
])("%o", (value, expected) => {
  expect(jsonOf(value)).toEqual(expected);
});

test("errors keep their kind, message, cause and own fields", () => {
  const error = Object.assign(new RangeError("too far", { cause: new Error("deep") }), { limit: 3 });
  expect(jsonOf(error)).toMatchObject({
    $type: "RangeError",
    value: { message: "too far", limit: 3, cause: { $type: "Error", value: { message: "deep" } } },
  });
  expect(jsonOf(new AggregateError([new Error("one")], "all"))).toMatchObject({ $type: "AggregateError", value: { errors: [{ $type: "Error" }] } });
});

test("a value inside itself is marked, one that stands twice is written twice", () => {
  const inner: Record<string, unknown> = { a: 1 };
  const loop: Record<string, unknown> = { inner, again: inner };
  inner["up"] = loop;
  inner["self"] = inner;
  expect(jsonOf(loop)).toEqual({
    inner: { a: 1, up: { $type: "Circular", value: 2 }, self: { $type: "Circular", value: 1 } },
    again: { a: 1, up: { $type: "Circular", value: 2 }, self: { $type: "Circular", value: 1 } },
  });
});
