import { EventEmitter } from "node:events";
import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { isMillraceError } from "../../src/core/errors/millrace-error.js";
import { registerCodec } from "../../src/codec/codec-registry.js";
import { decodeValue, encodeValue } from "../../src/codec/value-codec.js";
import { encodedBytes, roundTrip, stored } from "./round-trip.js";

class Model {
  readonly layers: unknown[] = [];
}

function problem(value: unknown): string {
  try {
    encodeValue(value, "this.value");
  } catch (error) {
    if (isMillraceError(error)) {
      expect(error.hint).not.toBe("");
      return `${error.code}: ${error.message}`;
    }
    throw error;
  }
  return "stored";
}

function* counting(): Generator<number> {
  yield 1;
}

const withSymbol = { a: 1, [Symbol("hidden")]: 2 };
const deepFunction = { model: { layers: [0, 1, 2, { fn: (): void => {} }] } };
const mapWithProperty = Object.assign(new Map(), { extra: 1 });
const symbolBox: unknown = Object(Symbol("s"));
class MyMap extends Map {}
class MyArray extends Array {}
class MyBuffer extends Uint8Array {}
class MyError extends Error {}
class MyDate extends Date {}

describe("values that cannot be stored", () => {
  const CASES: readonly (readonly [string, unknown, string])[] = [
    ["a function", (): void => {}, "this.value cannot be stored: it is a function."],
    ["a named function", function load(): void {}, "this.value cannot be stored: it is a function (load)."],
    ["a class", Model, "this.value cannot be stored: it is a class (Model)."],
    ["a function deep inside", deepFunction, "this.value.model.layers[3].fn cannot be stored: it is a function (fn)."],
    ["a symbol", [Symbol("s")], "this.value[0] cannot be stored: it is a symbol (Symbol(s))."],
    ["a promise", { later: Promise.resolve(1) }, "this.value.later cannot be stored: it is a promise (is an await missing?)."],
    ["an instance", { model: new Model() }, "this.value.model cannot be stored: it is an instance of Model."],
    ["a socket", [new Socket()], "this.value[0] cannot be stored: it is an instance of Socket."],
    ["an emitter", new EventEmitter(), "this.value cannot be stored: it is an instance of EventEmitter."],
    ["a generator", counting(), "this.value cannot be stored: it is a generator."],
    ["a WeakMap", new WeakMap(), "this.value cannot be stored: it is a WeakMap."],
    ["an AbortSignal", new AbortController().signal, "this.value cannot be stored: it is an AbortSignal."],
    ["a SharedArrayBuffer", { shared: new SharedArrayBuffer(8) }, "this.value.shared cannot be stored: it is a SharedArrayBuffer."],
    ["a Map's value", { lookup: new Map([["a", (): void => {}]]) }, 'this.value.lookup.get("a") cannot be stored: it is a function.'],
    ["a Map's value under an object", new Map([[{}, Symbol("x")]]), "[...this.value.values()][0] cannot be stored: it is a symbol (Symbol(x))."],
    ["a Map's key", { lookup: new Map([[{ f: (): void => {} }, 1]]) }, "[...this.value.lookup.keys()][0].f cannot be stored: it is a function (f)."],
    ["a Set's element", new Set([1, Symbol("x")]), "[...this.value][1] cannot be stored: it is a symbol (Symbol(x))."],
    ["a key that is no identifier", { "my key": { 0: (): void => {} } }, 'this.value["my key"]["0"] cannot be stored: it is a function (0).'],
    [
      "an error's property",
      Object.assign(new Error("x"), { request: new Socket() }),
      "this.value.request cannot be stored: it is an instance of Socket.",
    ],
    ["an error's cause", new Error("x", { cause: new MyError() }), "this.value.cause cannot be stored: it is an instance of MyError."],
    ["a symbol key", [withSymbol], "this.value[0] cannot be stored: it is an object with a symbol as a key (Symbol(hidden))."],
    ["a Map with properties", mapWithProperty, "this.value cannot be stored: it is a Map with properties of its own."],
    ["a symbol object", symbolBox, "this.value cannot be stored: it is a symbol object."],
    ["a subclass of Map", new MyMap(), "this.value cannot be stored: it is an instance of MyMap."],
    ["a subclass of Array", MyArray.from([1]), "this.value cannot be stored: it is an instance of MyArray."],
    ["a subclass of Uint8Array", new MyBuffer(3), "this.value cannot be stored: it is an instance of MyBuffer."],
    ["a subclass of Date", new MyDate(), "this.value cannot be stored: it is an instance of MyDate."],
    ["an object made of another", Object.create({ a: 1 }), "this.value cannot be stored: it is an object with a prototype of its own."],
    ["Math", Math, "this.value cannot be stored: it is an instance of Math."],
    ["a fake Date", { at: Object.create(Date.prototype) as unknown }, "this.value.at cannot be stored: it is an instance of Date."],
  ];
  for (const [name, value, message] of CASES) {
    it(name, () => expect(problem(value)).toBe(`value-not-storable: ${message}`));
  }

  it("an arguments object", () => {
    // oxlint-disable-next-line prefer-rest-params
    const list = (function collect(..._values: number[]): unknown {
      return arguments; // eslint-disable-line prefer-rest-params
    })(1, 2);
    expect(problem({ list })).toBe("value-not-storable: this.value.list cannot be stored: it is an arguments object.");
  });

  it("a module", async () => {
    expect(problem({ path: await import("node:path") })).toBe("value-not-storable: this.value.path cannot be stored: it is a module.");
  });

  it("says where, deep down", () => {
    let value: unknown = (): void => {};
    for (let depth = 0; depth < 3000; depth++) value = { n: value };
    expect(problem(value)).toMatch(/^value-not-storable: this\.value(\.n)+ … n?(\.n)+ cannot be stored: it is a function \(value\)\.$/);
  });

  it("a property that throws when it is read", () => {
    const value = {
      list: [
        {
          get bad(): number {
            throw new Error("no");
          },
        },
      ],
    };
    expect(problem(value)).toBe("value-not-storable: this.value cannot be stored: it is an object whose properties cannot be read (no).");
  });
});

class Matrix {
  readonly rows: number;
  readonly data: Float64Array;

  constructor(rows: number, data: Float64Array) {
    this.rows = rows;
    this.data = data;
  }
}
class Tracked extends Matrix {}
class Broken {
  readonly parts = 0;
}
class Loop {
  me: unknown = this;
}

registerCodec({ name: "Matrix", class: Matrix, encode: ({ rows, data }) => ({ rows, data }), decode: ({ rows, data }) => new Matrix(rows, data) });
registerCodec({
  name: "Broken",
  class: Broken,
  encode: () => {
    throw new Error("out of order");
  },
  decode: () => new Broken(),
});
registerCodec({ name: "Loop", class: Loop, encode: ({ me }) => [me], decode: () => new Loop() });
registerCodec({
  name: "named functions",
  is: (value) => typeof value === "function" && value.name.startsWith("stored"),
  encode: (value: unknown) => (value as { name: string }).name,
  decode: (name): unknown => ({ [name]: () => name })[name],
});

describe("registered codecs", () => {
  it("store instances anywhere in a value, as often as they are there", () => {
    const matrix = new Matrix(2, new Float64Array([1, 2, 3, 4]));
    const back = roundTrip({ best: matrix, all: new Map([["a", [matrix, new Matrix(1, matrix.data)]]]) });
    expect(back.best).toBeInstanceOf(Matrix);
    expect(back.best).toEqual(matrix);
    expect(back.all.get("a")?.[0]).toBe(back.best);
    expect(back.all.get("a")?.[1]?.data).toBe(back.best.data);
  });

  it("store an instance that is the whole value", () => {
    expect(roundTrip(new Matrix(1, new Float64Array([5])))).toEqual(new Matrix(1, new Float64Array([5])));
  });

  it("store what `is` says, even functions", () => {
    const storedOne = (): string => "storedOne";
    const back = roundTrip([storedOne, storedOne]);
    expect(back[0]?.()).toBe("storedOne");
    expect(back[0]).toBe(back[1]);
  });

  it("do not store subclasses, which would come back as something else", () => {
    expect(problem(new Tracked(1, new Float64Array(1)))).toContain("an instance of Tracked");
  });

  it("that throw are named", () => {
    expect(problem({ a: [new Broken()] })).toBe("codec-failed: The codec Broken could not encode this.value.a[0]: out of order.");
  });

  it("whose data leads back to the instance are refused", () => {
    expect(problem([new Loop()])).toContain("this.value[0] (as the codec Loop encodes it)[0] cannot be stored");
  });

  it("that are missing when a value is read are an error, or left to the reader", () => {
    const bytes = encodedBytes([new Matrix(1, new Float64Array(1))]);
    bytes.write("Martix", bytes.indexOf("Matrix"));
    const value = { codec: "structured", runs: [new Uint8Array(bytes)] };
    expect(() => decodeValue(value, "S/1/a/0/m")).toThrow("S/1/a/0/m was stored by the codec Martix, which is not registered here.");
    expect(decodeValue(value, "m", { unknownInstance: (codec, data) => ({ codec, data }) })).toEqual([
      { codec: "Martix", data: { rows: 1, data: new Float64Array(1) } },
    ]);
  });

  it("need a name of their own, a class or `is`, and two functions", () => {
    const encode = (): number => 1;
    const decode = (): Model => new Model();
    expect(() => registerCodec({ name: "Matrix", class: Model, encode, decode })).toThrow("the name is taken");
    expect(() => registerCodec({ name: "Matrix2", class: Matrix, encode, decode: () => new Matrix(1, new Float64Array(1)) })).toThrow(
      "the class Matrix has a codec already",
    );
    expect(() => registerCodec({ name: "None", encode, decode })).toThrow("it needs a class or an is function");
    expect(() => registerCodec({ name: "", class: Model, encode, decode })).toThrow("it has no name");
  });

  it("from a newer format are an error", () => {
    const newer = stored(encodeValue({ a: undefined }, "this.value"));
    if ("runs" in newer) newer.runs[0]?.set([9]);
    expect(() => decodeValue(newer, "x")).toThrow("x is stored in the encoding structured, version 9, which this millrace does not know.");
    expect(() => decodeValue({ codec: "hologram", value: 1 }, "x")).toThrow("x is stored in the encoding hologram");
  });
});
