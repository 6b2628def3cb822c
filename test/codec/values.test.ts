import { describe, expect, it } from "vitest";
import { isDeepStrictEqual } from "node:util";
import { runInNewContext } from "node:vm";
import { encodedBytes, roundTrip, structuredRoundTrip } from "./round-trip.js";

const match = /(?<letter>b)/.exec("abc");
const named: unknown[] & { label?: string } = [1, "two"];
named.label = "three";
const long: unknown[] & { label?: string } = Array.from({ length: 500 }, (_, i) => `n${i}`);
long.label = "named";
const sparse: unknown[] = [];
sparse[3] = "x";
sparse.length = 10;
const huge: unknown[] = [];
huge[4_000_000_000] = 1;
const sticky = /a\/b/giuy;
sticky.lastIndex = 4;
const protoKey = JSON.parse('{"__proto__": {"a": 1}, "b": 2}') as object;
const coded = Object.assign(new TypeError("bad", { cause: new RangeError("deep") }), { code: "E_BAD", details: { at: [1] } });

/** Values that must come back equal, by name. */
const VALUES: Readonly<Record<string, unknown>> = {
  undefined,
  null: null,
  true: true,
  zero: 0,
  "minus zero": -0,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
  fraction: 0.1,
  integers: [0, 127, 128, -1, -129, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 53, Number.MIN_VALUE],
  bigints: [0n, -1n, 2n ** 64n, -(2n ** 200n)],
  "huge bigint": 10n ** 5000n,
  "empty string": "",
  text: "grüße, 世界 👋",
  "long text": "grüße ".repeat(50_000),
  "long plain text": "abc ".repeat(50_000),
  "lone surrogates": ["\ud800", "a\udc00b", "\udc00\ud800".repeat(2000)],
  "long lone surrogate": `\ud800${"x".repeat(5000)}`,
  "split surrogate pair": ["\ud83d", "\udc4b"],
  object: { a: 1, b: "x", c: [true, null, { d: undefined }] },
  "empty things": [{}, [], new Map(), new Set(), "", new Uint8Array(0), new ArrayBuffer(0)],
  "integer keys": { 10: "a", 2: "b", z: 1, a: 2 },
  "__proto__ key": protoKey,
  "many __proto__ keys": [protoKey, JSON.parse('{"__proto__": 5, "b": 3}') as object],
  "null prototype": Object.assign(Object.create(null) as object, { a: 1, __proto__x: 2 }),
  "constructor key": { constructor: 1, hasOwnProperty: 2, toJSON: 3, length: 4 },
  "sparse array": sparse,
  "holes between numbers": [1, , 3, , , 6, 7, 8, 9, 10], // eslint-disable-line no-sparse-arrays
  "very sparse array": huge,
  "array with properties": named,
  "long array with properties": long,
  "regexp match": match,
  "number arrays": [Array.from({ length: 50 }, (_, i) => i - 25), Array.from({ length: 50 }, (_, i) => i / 3), [0, -0, 1, 2, 3, 4, 5, 6, 7]],
  "NaN among numbers": Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? Number.NaN : i)),
  dates: [new Date(0), new Date(1.7e12), new Date(-1)],
  regexps: [/x/, sticky, new RegExp("")],
  map: new Map<unknown, unknown>([
    ["a", 1],
    [2, "b"],
    [{ k: 1 }, new Map([[Number.NaN, new Set([1, "x", [2]])]])],
  ]),
  set: new Set([1, "1", null, undefined, [1], new Set()]),
  boxed: [Object(1), Object("text"), Object(false), Object(5n)],
  errors: [
    new Error("plain"),
    coded,
    new AggregateError([new Error("one"), "two"], "many"),
    new SyntaxError(),
    new URIError("u"),
    new EvalError("e"),
  ],
  buffers: [Buffer.from("hello"), Buffer.alloc(0), { inside: Buffer.from("x".repeat(10_000)) }],
  "typed arrays": [
    new Uint8Array([1, 2]),
    new Uint8ClampedArray([300]),
    new Int8Array([-1]),
    new Uint16Array([65535]),
    new Int16Array([-5]),
    new Uint32Array([2 ** 32 - 1]),
    new Int32Array([-7]),
    new Float32Array([0.5, Number.NaN]),
    new Float64Array([0.1, -0]),
    new BigInt64Array([-1n]),
    new BigUint64Array([2n ** 64n - 1n]),
    new DataView(new ArrayBuffer(9), 1),
    new ArrayBuffer(5),
  ],
  "large binaries": { a: Buffer.alloc(1_500_000, 7), b: new Float64Array(200_000).fill(0.25), text: "between", c: new Uint8Array(70_000).fill(9) },
  urls: [new URL("https://user@example.org:8080/a?b=c#d"), new URLSearchParams("a=1&a=2&b=")],
  rows: Array.from({ length: 3000 }, (_, id) => ({
    id,
    name: `user ${id}`,
    score: id / 7,
    active: id % 3 === 0,
    tag: `t${id % 10}`,
    none: id % 5 === 0 ? null : undefined,
  })),
  "rows of many shapes": Array.from({ length: 6000 }, (_, id) => ({ [`key${id}`]: id, shared: { [`inner${id % 7}`]: [id] } })),
  "rows of arrays": Array.from({ length: 3000 }, (_, id) => [id, `n${id}`, id / 3, [id]]),
  dictionary: Object.fromEntries(Array.from({ length: 5000 }, (_, id) => [`key ${id}`, { id }])),
  "many small buffers": Array.from({ length: 500 }, (_, id) => Buffer.from(`buffer ${id}`)),
};

describe("values come back equal", () => {
  for (const [name, value] of Object.entries(VALUES)) {
    it(name, () => {
      const back = roundTrip(value);
      expect(isDeepStrictEqual(back, value)).toBe(true);
      expect(isDeepStrictEqual(structuredRoundTrip(value), value)).toBe(true);
    });
  }

  it("an invalid date", () => {
    expect(structuredRoundTrip(new Date(Number.NaN)).getTime()).toBeNaN();
  });

  it("keeps the order of keys", () => {
    const value = { z: 1, a: 2, m: { y: undefined, b: 1 } };
    expect(JSON.stringify(roundTrip(value))).toBe(JSON.stringify(value));
    expect(Object.keys(roundTrip({ ...value, extra: undefined }))).toEqual(["z", "a", "m", "extra"]);
  });

  it("leaves out what a meddled-with prototype adds", () => {
    const value = Array.from({ length: 100 }, (_, i) => ({ i, d: new Date(i) }));
    Object.assign(Object.prototype, { meddled: 1 });
    let back: typeof value;
    try {
      back = roundTrip(value);
    } finally {
      Reflect.deleteProperty(Object.prototype, "meddled");
    }
    expect(isDeepStrictEqual(back, value)).toBe(true);
  });

  it("gives a new value each time", () => {
    const value = { list: [1, 2] };
    expect(roundTrip(value)).not.toBe(value);
    expect(roundTrip(value).list).not.toBe(value.list);
  });

  it("takes plain values of another realm for plain values", () => {
    const foreign: unknown = runInNewContext(
      "({ list: [1, new Date(5)], map: new Map([['a', /x/g]]), error: new TypeError('t'), big: 'x'.repeat(2000) })",
    );
    const back = roundTrip(foreign) as { list: unknown[]; map: Map<string, RegExp>; error: Error };
    expect(back.list).toEqual([1, new Date(5)]);
    expect(back.map).toEqual(new Map([["a", /x/g]]));
    expect(back.error).toBeInstanceOf(TypeError);
  });
});

describe("errors", () => {
  it("keep class, message, stack, cause and properties", () => {
    const back = structuredRoundTrip(coded);
    expect(back).toBeInstanceOf(TypeError);
    expect(back.stack).toBe(coded.stack);
    expect(back.cause).toBeInstanceOf(RangeError);
    expect(back).toMatchObject({ code: "E_BAD", details: { at: [1] } });
    expect(Object.keys(back)).toEqual(["code", "details"]);
  });

  it("keep an AggregateError's errors", () => {
    const back = structuredRoundTrip(new AggregateError([new TypeError("one")], "many"));
    expect(back).toBeInstanceOf(AggregateError);
    expect(back.errors[0]).toBeInstanceOf(TypeError);
  });

  it("have no message of their own when they had none", () => {
    expect(Object.hasOwn(structuredRoundTrip(new Error()), "message")).toBe(false);
  });
});

describe("identity", () => {
  it("keeps cycles", () => {
    const value: { self?: unknown; list: unknown[]; map: Map<unknown, unknown>; set: Set<unknown>; error: Error & { owner?: unknown } } = {
      list: [],
      map: new Map(),
      set: new Set(),
      error: new Error("x"),
    };
    value.self = value;
    value.list.push(value.list, value);
    value.map.set(value, value.map);
    value.set.add(value.set);
    value.error.owner = value;
    const bare = Object.create(null) as Record<string, unknown>;
    bare["me"] = bare;
    const back = structuredRoundTrip({ value, bare });
    expect(back.value.self).toBe(back.value);
    expect(back.value.list[0]).toBe(back.value.list);
    expect(back.value.list[1]).toBe(back.value);
    expect(back.value.map.get(back.value)).toBe(back.value.map);
    expect(back.value.set.has(back.value.set)).toBe(true);
    expect(back.value.error.owner).toBe(back.value);
    expect(back.bare["me"]).toBe(back.bare);
  });

  it("keeps shared references, also in small values", () => {
    const shared = { n: 1 };
    const buffer = Buffer.from("abc");
    const url = new URL("https://example.org");
    const back = roundTrip({
      list: [shared, shared],
      map: new Map([[shared, shared]]),
      buffers: [buffer, buffer],
      urls: [url, url],
      date: [new Date(1)],
    });
    expect(back.list[0]).toBe(back.list[1]);
    expect(back.map.get(back.list[0] as { n: number })).toBe(back.list[0]);
    expect(back.buffers[0]).toBe(back.buffers[1]);
    expect(back.urls[0]).toBe(back.urls[1]);
    const small = roundTrip([shared, shared]);
    expect(small[0]).toBe(small[1]);
  });

  it("tells many equal objects apart", () => {
    const pair = { k: 1 };
    const value = Array.from({ length: 500 }, (_, i) => (i % 50 === 7 ? pair : { k: 1 }));
    const back = structuredRoundTrip([value, Array.from({ length: 500 }, () => [])]);
    expect(new Set<unknown>(back[0]).size).toBe(new Set(value).size);
    expect(back[0]?.[7]).toBe(back[0]?.[457]);
    expect(new Set<unknown>(back[1]).size).toBe(500);
  });

  it("finds the end of a cycle of objects whose getters never say the same", () => {
    interface Ring {
      readonly random: number;
      next: Ring | undefined;
      readonly name: string;
    }
    const make = (name: string): Ring => ({
      get random(): number {
        return Math.random();
      },
      next: undefined,
      name,
    });
    const ring = make("a");
    ring.next = make("b");
    ring.next.next = ring;
    const back = structuredRoundTrip(ring);
    expect([back.name, back.next?.name, back.next?.next?.name]).toEqual(["a", "b", "a"]);
  });

  it("does not share what was not shared", () => {
    const back = roundTrip([{ n: 1 }, { n: 1 }]);
    expect(back[0]).not.toBe(back[1]);
  });

  it("keeps references between deep and shallow places", () => {
    interface Node {
      next?: Node | undefined;
      top?: unknown;
      depth: number;
    }
    const nodes: Node[] = Array.from({ length: 2000 }, (_, depth) => ({ depth }));
    const root = { first: nodes[0], some: [1500, 900, 249, 250, 251, 252, 500].map((depth) => nodes[depth]) };
    for (const [depth, node] of nodes.entries()) Object.assign(node, { next: nodes[depth + 1], top: depth % 100 === 0 ? root : nodes[depth >> 1] });
    const back = structuredRoundTrip(root);
    const again: Node[] = [];
    for (let node = back.first; node !== undefined; node = node.next) again.push(node);
    expect(again.map(({ depth }) => depth)).toEqual(nodes.map(({ depth }) => depth));
    for (const node of again) expect(node.top === (node.depth % 100 === 0 ? back : again[node.depth >> 1])).toBe(true);
    for (const node of back.some) expect(node === again[node?.depth ?? -1]).toBe(true);
  });

  it("keeps very deep nesting", () => {
    interface Node {
      next: Node | undefined;
      depth: number;
    }
    let list: Node | undefined;
    for (let depth = 0; depth < 100_000; depth++) list = { next: list, depth };
    let nested: unknown = "core";
    for (let depth = 0; depth < 20_000; depth++) nested = depth % 3 === 0 ? [nested] : depth % 3 === 1 ? new Map([["k", nested]]) : new Set([nested]);
    const back = structuredRoundTrip({ list, nested });
    let depth = 0;
    for (let node = back.list; node !== undefined; node = node.next) expect(node.depth === 99_999 - depth++).toBe(true);
    expect(depth).toBe(100_000);
    let core = back.nested;
    while (typeof core !== "string") core = Array.isArray(core) ? core[0] : [...(core as Map<string, unknown> | Set<unknown>).values()][0];
    expect(core).toBe("core");
  });
});

describe("binary values and their memory", () => {
  it("keeps views over the same bytes views over the same bytes", () => {
    const bytes = new Uint8Array(new ArrayBuffer(64), 4, 40);
    const words = new Uint32Array(bytes.buffer, 8, 5);
    const back = structuredRoundTrip({ bytes, words, again: [new DataView(bytes.buffer, 20, 8)] });
    expect(back.bytes).toHaveLength(40);
    back.bytes[4] = 7;
    expect(back.words[0]).toBe(7);
    back.words[4] = 0x01020304;
    expect(back.again[0]?.getUint32(4, true)).toBe(0x01020304);
  });

  it("keeps a buffer and the views over it together", () => {
    const buffer = new ArrayBuffer(16);
    const back = structuredRoundTrip({ view: new Uint8Array(buffer, 8), buffer });
    expect(back.view.buffer).toBe(back.buffer);
    expect(back.view.byteOffset).toBe(8);
  });

  it("stores only the bytes of a small slice", () => {
    const big = Buffer.alloc(5_000_000, 1);
    expect(encodedBytes({ a: big.subarray(100, 120), b: big.subarray(4_000_000, 4_000_020) }).length).toBeLessThan(1000);
  });

  it("gives slices of one buffer memory of their own", () => {
    const pool = Buffer.from("abcdef");
    const back = structuredRoundTrip([pool.subarray(0, 3), pool.subarray(3)]);
    expect(back.map(String)).toEqual(["abc", "def"]);
    expect(back[0]?.buffer).not.toBe(back[1]?.buffer);
    expect(back[0]?.buffer.byteLength).toBe(3);
  });

  it("gives a large binary value memory of its own", () => {
    const back = structuredRoundTrip({ data: new Float64Array(200_000).fill(1.5), rest: "x" });
    expect(back.data.buffer.byteLength).toBe(1_600_000);
  });
});
