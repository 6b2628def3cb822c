import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeRecord, encodeRecord, recordText } from "../../src/datastore/record-file.js";

const damaged = expect.objectContaining({ code: "record-damaged", message: expect.stringMatching(/the thing.*flows\/k/) });
const read = (bytes: Uint8Array): string => recordText(bytes, "the thing", "flows/k");

test("a record is JSON on one line and its checksum on another, for other tools to read", () => {
  const text = Buffer.from(encodeRecord('{"format":1}')).toString("utf8");
  expect(text).toMatch(/^\{"format":1\}\n[0-9a-f]{8}\n$/);
});

test("what is written is read", () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(read(encodeRecord(json))).toBe(json);
      expect(decodeRecord(encodeRecord(json), "the thing", "flows/k")).toEqual(JSON.parse(json));
    }),
  );
});

test("letters of any script, and a view into a larger buffer", () => {
  const encoded = encodeRecord('{"größe":"数 🚀"}');
  const larger = Buffer.concat([Buffer.from("before"), encoded, Buffer.from("after")]);
  expect(read(larger.subarray(6, 6 + encoded.length))).toBe('{"größe":"数 🚀"}');
  expect(read(new Uint8Array(encoded))).toBe('{"größe":"数 🚀"}');
});

test("any one flipped bit is noticed", () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), (json, at) => {
      const bytes = Uint8Array.from(encodeRecord(json));
      const bit = at % (bytes.length * 8);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => read(bytes)).toThrow(damaged);
    }),
  );
});

test("a record that was cut short anywhere is noticed", () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), (json, at) => {
      const bytes = encodeRecord(json);
      expect(() => read(bytes.subarray(0, at % bytes.length))).toThrow(damaged);
    }),
  );
});

test("bytes that were added, doubled or swapped are noticed", () => {
  const bytes = encodeRecord('{"a":1,"b":2}');
  for (const wrong of [
    Buffer.concat([bytes, Buffer.from("\n")]),
    Buffer.concat([bytes, bytes]),
    Buffer.from(bytes).reverse(),
    Buffer.alloc(bytes.length),
  ]) {
    expect(() => read(wrong)).toThrow(damaged);
  }
});

test("an empty object says that it is empty", () => {
  expect(() => read(new Uint8Array())).toThrow(expect.objectContaining({ message: expect.stringContaining("it is empty") }));
});

test("a checksum over something that is no JSON is damage too", () => {
  expect(() => decodeRecord(encodeRecord("{no json"), "the thing", "flows/k")).toThrow(damaged);
});
