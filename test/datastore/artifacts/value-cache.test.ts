import { describe, expect, it } from "vitest";
import { ByteCache } from "../../../src/datastore/artifacts/byte-cache.js";
import { ValueCache } from "../../../src/datastore/artifacts/value-cache.js";

describe("ByteCache", () => {
  it("lets go of what was not used for longest", () => {
    const cache = new ByteCache<number>(100);
    cache.set("a", 1, 40);
    cache.set("b", 2, 40);
    expect(cache.get("a")).toBe(1);
    cache.set("c", 3, 40);
    expect([cache.get("a"), cache.get("b"), cache.get("c")]).toEqual([1, undefined, 3]);
    expect(cache.bytes).toBe(80);
  });

  it("counts a key once", () => {
    const cache = new ByteCache<number>(100);
    for (let i = 0; i < 5; i++) cache.set("a", i, 60);
    expect(cache.bytes).toBe(60);
  });

  it("does not keep what is larger than all it may keep", () => {
    const cache = new ByteCache<number>(100);
    cache.set("a", 1, 101);
    expect(cache.get("a")).toBeUndefined();
    expect(cache.bytes).toBe(0);
  });
});

describe("ValueCache", () => {
  it("gives the same object while it fits", () => {
    const cache = new ValueCache(1000);
    const value = cache.getOrMake("a", 10, () => ({ n: 1 }));
    expect(cache.getOrMake("a", 10, () => ({ n: 2 }))).toBe(value);
  });

  it("gives the same few objects whatever they take, so that going back and forth between them reads each once", () => {
    const cache = new ValueCache(1000);
    const left = cache.getOrMake("left", 600, () => ({ n: 1 }));
    const right = cache.getOrMake("right", 600, () => ({ n: 2 }));
    expect(cache.getOrMake("left", 600, () => ({ n: 3 }))).toBe(left);
    expect(cache.getOrMake("right", 600, () => ({ n: 4 }))).toBe(right);
  });

  it("keeps undefined as a value", () => {
    const cache = new ValueCache(1000);
    cache.getOrMake("a", 1, () => undefined);
    expect(cache.getOrMake("a", 1, () => "made again")).toBeUndefined();
  });

  it("lets go of what was used longest ago once there are many", () => {
    const cache = new ValueCache(10);
    let made = 0;
    const make = (): number => ++made;
    cache.getOrMake("a", 8, make);
    for (let i = 0; i < 8; i++) cache.getOrMake(`other ${i}`, 8, () => 0);
    cache.getOrMake("a", 8, make);
    expect(made).toBe(2);
  });
});
