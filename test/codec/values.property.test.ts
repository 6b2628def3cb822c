import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodedBytes, roundTrip, structuredRoundTrip } from "./round-trip.js";

const key = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.constantFrom("a", "b", "id", "__proto__", "constructor", "0", "17", "toString", "", "a\0b", "\0"),
);

const leaf = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, true, false, Number.NaN, -0, Number.POSITIVE_INFINITY, ""),
  fc.integer(),
  fc.double(),
  fc.bigInt(),
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.string({ unit: fc.constantFrom("\ud800", "\udc00", "x", "é", "𝄞"), maxLength: 10 }),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  fc.float64Array({ maxLength: 5 }),
  fc.bigInt64Array({ maxLength: 3 }),
  fc
    .constantFrom<() => unknown>(
      () => /a+/gi,
      () => new URL("https://example.org/x?y=1"),
      () => new RangeError("out"),
      () => Object(5) as unknown,
      () => new ArrayBuffer(3),
    )
    .map((make) => make()),
);

/** Plain and rich values, nested; no object in two places. */
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 12 }),
    fc.array(tie("value"), { maxLength: 6 }).map((elements) => {
      const sparse: unknown[] = [];
      elements.forEach((element, index) => (sparse[index * 3] = element));
      return sparse;
    }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 8 }).map((entries) => Object.fromEntries(entries)),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 4 }).map((entries) => {
      const bare = Object.create(null) as object;
      for (const [name, property] of entries)
        Object.defineProperty(bare, name, { value: property, enumerable: true, writable: true, configurable: true });
      return bare;
    }),
    fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 5 }).map((entries) => new Map(entries)),
    fc.array(tie("value"), { maxLength: 5 }).map((elements) => new Set(elements)),
    fc.tuple(fc.string(), tie("value")).map(([message, cause]) => new TypeError(message, { cause })),
    fc
      .tuple(
        fc.array(fc.string({ minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.array(tie("value"), { minLength: 5, maxLength: 5 }), { maxLength: 20 }),
      )
      .map(([names, rows]) => rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])))),
  ),
}));

/** A graph of containers whose elements are each other, by number. */
const graph = fc
  .array(fc.record({ kind: fc.constantFrom("array", "object", "bare", "map", "set", "error"), links: fc.array(fc.nat(30), { maxLength: 5 }) }), {
    minLength: 1,
    maxLength: 15,
  })
  .map((nodes) => {
    const made = nodes.map(({ kind }) => emptyOf(kind));
    for (const [index, { links }] of nodes.entries()) for (const link of links) connect(made[index] ?? {}, made[link % made.length], link);
    return made[0];
  });

function emptyOf(kind: string): object {
  switch (kind) {
    case "array":
      return [];
    case "bare":
      return Object.create(null) as object;
    case "map":
      return new Map();
    case "set":
      return new Set();
    case "error":
      return new Error("node");
    default:
      return {};
  }
}

function connect(from: object, to: unknown, link: number): void {
  if (Array.isArray(from)) from.push(to);
  else if (from instanceof Map) from.set(to, link).set(link, to);
  else if (from instanceof Set) from.add(to);
  else Object.assign(from, { [`link${link}`]: to });
}

/** The graph as text: each object numbered where it is first met. Two graphs of the same form give the same text. */
function outline(root: unknown): string {
  const numbers = new Map<unknown, number>();
  const lines: string[] = [];
  const visit = (node: unknown): string => {
    if (typeof node !== "object" || node === null) return String(node);
    const known = numbers.get(node);
    if (known !== undefined) return `#${known}`;
    const number = numbers.size;
    numbers.set(node, number);
    const entries = node instanceof Map ? [...node].flat() : node instanceof Set ? [...node] : Object.entries(node).flat();
    const kind = Object.getPrototypeOf(node) === null ? "bare" : node.constructor.name;
    lines[number] = `${number} ${kind}: ${entries.map(visit).join(" ")}`;
    return `#${number}`;
  };
  visit(root);
  return lines.join("\n");
}

describe("any value that can be stored", () => {
  it("comes back equal", () => {
    fc.assert(
      fc.property(value, (original) => {
        expect(isDeepStrictEqual(roundTrip(original), original)).toBe(true);
        expect(isDeepStrictEqual(structuredRoundTrip(original), original)).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  it("is encoded alike when it came back: equal content has equal bytes", () => {
    fc.assert(
      fc.property(value, (original) => {
        expect(encodedBytes(structuredRoundTrip(original)).equals(encodedBytes(original))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("keeps which objects are the same, cycles included", () => {
    fc.assert(
      fc.property(graph, (original) => {
        expect(outline(roundTrip(original))).toBe(outline(original));
        expect(outline(structuredRoundTrip(original))).toBe(outline(original));
      }),
      { numRuns: 500 },
    );
  });
});
