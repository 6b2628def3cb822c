import { describe, expect, it } from "vitest";
import { sameValue } from "../../src/codec/same-value.js";

describe("sameValue", () => {
  const same: readonly (readonly [string, unknown, unknown])[] = [
    ["NaN", Number.NaN, Number.NaN],
    ["objects whose keys are in another order", { a: 1, b: [2] }, { b: [2], a: 1 }],
    ["Maps", new Map([["a", { x: 1 }]]), new Map([["a", { x: 1 }]])],
    ["dates", new Date(5), new Date(5)],
    ["buffers", Buffer.from("x"), Buffer.from("x")],
  ];
  for (const [name, a, b] of same) it(`says yes of equal ${name}`, () => expect(sameValue(a, b)).toBe(true));

  const different: readonly (readonly [string, unknown, unknown])[] = [
    ["0 and -0", 0, -0],
    ["1 and '1'", 1, "1"],
    ["an array and an object", [1], { 0: 1 }],
    ["undefined and a missing key", { a: undefined }, {}],
    ["a Buffer and a Uint8Array", Buffer.from("x"), new Uint8Array([120])],
    ["objects with and without a prototype", {}, Object.create(null) as object],
    ["errors of other messages", new Error("a"), new Error("b")],
  ];
  for (const [name, a, b] of different) it(`says no of ${name}`, () => expect(sameValue(a, b)).toBe(false));
});
