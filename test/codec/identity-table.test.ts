import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IdentityTable } from "../../src/codec/structured/identity-table.js";

describe("IdentityTable", () => {
  const signatures: Readonly<Record<string, (index: number) => number>> = {
    "all alike": () => 7,
    "one after another": (index) => index,
    "far apart": (index) => Math.imul(index, 0x9e37_79b1),
    "alike in their lower half": (index) => index << 16,
    "in one group": (index) => (index % 3) + 8 * Math.floor(index / 1000),
    negative: (index) => -index,
    "few kinds": (index) => index % 11,
  };
  for (const [name, signature] of Object.entries(signatures)) {
    it(`numbers objects in order, and knows them again: signatures ${name}`, () => {
      const table = new IdentityTable();
      const objects = Array.from({ length: 5000 }, (_, index) => ({ index }));
      for (const object of objects) {
        expect(table.meet(object, signature(object.index))).toBe(-1);
        if (object.index % 7 === 0) expect(table.meet(object, signature(object.index))).toBe(object.index);
      }
      expect(table.size).toBe(5000);
      for (const object of objects) expect(table.meet(object, signature(object.index))).toBe(object.index);
      expect(table.size).toBe(5000);
    });
  }

  it("knows an object that was met exactly whatever its signature is later", () => {
    const table = new IdentityTable();
    const object = {};
    expect(table.meet(object, 1, true)).toBe(-1);
    expect(table.meet(object, 2)).toBe(0);
    expect(table.meet(object, 3, true)).toBe(0);
    expect(table.meet({}, 1)).toBe(-1);
    expect(table.size).toBe(2);
  });

  it("does as a Map does", () => {
    const meeting = fc.record({ object: fc.nat(200), exactly: fc.boolean(), reserve: fc.boolean() });
    fc.assert(
      fc.property(fc.array(meeting, { maxLength: 600 }), fc.constantFrom(1, 5, 200), (meetings, spread) => {
        const objects = Array.from({ length: 201 }, () => ({}));
        const table = new IdentityTable();
        const model = new Map<object, number>();
        for (const { object, exactly, reserve } of meetings) {
          if (reserve) table.reserve(50);
          const value = objects[object] ?? {};
          const expected = model.get(value) ?? -1;
          if (expected < 0) model.set(value, model.size);
          expect(table.meet(value, object % spread, exactly)).toBe(expected);
        }
        expect(table.size).toBe(model.size);
      }),
      { numRuns: 100 },
    );
  });
});
