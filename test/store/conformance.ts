import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ObjectStore } from "../../src/store/object-store.js";

/** A store for one test, empty, and how it goes away. */
export interface OpenStore extends AsyncDisposable {
  readonly store: ObjectStore;
  /** A second view of the same objects, as another process has it. */
  readonly other: ObjectStore;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (found: Uint8Array | undefined): string | undefined => (found === undefined ? undefined : new TextDecoder().decode(found));

/** What every store does. One test file a store calls this. */
export function testObjectStore(name: string, open: () => Promise<OpenStore>): void {
  describe(name, () => {
    let opened: OpenStore;
    let store: ObjectStore;

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });

    afterEach(() => opened[Symbol.asyncDispose]());

    test("has a name for people", () => {
      expect(store.location).not.toBe("");
    });

    test("what is put is got, by both ways of each", async () => {
      expect(await store.put("a/one", [bytes("1")])).toBe(true);
      expect(store.putSync("a/two", [bytes("2")])).toBe(true);
      expect(text(await store.get("a/one"))).toBe("1");
      expect(text(store.getSync("a/one"))).toBe("1");
      expect(text(await store.get("a/two"))).toBe("2");
      expect(text(store.getSync("a/two"))).toBe("2");
      expect(text(await opened.other.get("a/one"))).toBe("1");
    });

    test("what is not there is undefined, also before anything is", async () => {
      expect(await store.get("nothing/here")).toBeUndefined();
      expect(store.getSync("nothing/here")).toBeUndefined();
      expect(await store.stat("nothing/here")).toBeUndefined();
      expect(store.statSync("nothing/here")).toBeUndefined();
      expect(await store.listNames("nothing/")).toEqual([]);
      await store.put("x", [bytes("x")]);
      expect(store.getSync("x/below")).toBeUndefined();
      expect(await store.stat("x/below")).toBeUndefined();
    });

    test("a folder is no object", async () => {
      await store.put("folder/x", [bytes("x")]);
      expect(await store.get("folder")).toBeUndefined();
      expect(store.getSync("folder")).toBeUndefined();
    });

    test("chunks are one object, in order; none, or empty ones, are an empty object", async () => {
      await store.put("chunks", [bytes("a"), bytes(""), bytes("bc"), bytes("d")]);
      expect(text(await store.get("chunks"))).toBe("abcd");
      await store.put("none", []);
      expect(await store.get("none")).toHaveLength(0);
      expect(await store.stat("none")).toMatchObject({ key: "none", size: 0 });
      store.putSync("empty", [bytes("")]);
      expect(store.getSync("empty")).toHaveLength(0);
    });

    test("a view into a larger buffer is put alone", async () => {
      const whole = bytes("0123456789");
      await store.put("view", [whole.subarray(3, 6)]);
      expect(text(await store.get("view"))).toBe("345");
    });

    test("what was put does not change with the buffer it came from, nor with what was got", async () => {
      const mine = bytes("before");
      await store.put("k", [mine]);
      mine.fill(0);
      expect(text(await store.get("k"))).toBe("before");
      store.getSync("k")?.fill(0);
      expect(text(await store.get("k"))).toBe("before");
    });

    test("a put replaces what was there, longer or shorter", async () => {
      await store.put("k", [bytes("something long")]);
      await store.put("k", [bytes("short")]);
      expect(text(await store.get("k"))).toBe("short");
    });

    test("ifAbsent writes once", async () => {
      expect(await store.put("k", [bytes("first")], { ifAbsent: true })).toBe(true);
      expect(await opened.other.put("k", [bytes("second")], { ifAbsent: true })).toBe(false);
      expect(store.putSync("k", [bytes("third")], { ifAbsent: true })).toBe(false);
      expect(text(await store.get("k"))).toBe("first");
      await store.delete("k");
      expect(store.putSync("k", [bytes("fourth")], { ifAbsent: true })).toBe(true);
    });

    test("of many that put with ifAbsent at once, one wins, and its bytes stand", async () => {
      const won = await Promise.all(
        Array.from({ length: 20 }, async (_, index) =>
          (await (index % 2 === 0 ? store : opened.other).put("id", [bytes(String(index))], { ifAbsent: true })) ? index : -1,
        ),
      );
      const winners = won.filter((index) => index >= 0);
      expect(winners).toHaveLength(1);
      expect(text(await store.get("id"))).toBe(String(winners[0]));
    });

    test("a range is a part; what the object lacks is left out", async () => {
      await store.put("k", [bytes("0123456789")]);
      const part = (offset: number, length: number): string | undefined => text(store.getSync("k", { offset, length }));
      expect(part(0, 3)).toBe("012");
      expect(part(4, 2)).toBe("45");
      expect(part(8, 100)).toBe("89");
      expect(part(10, 1)).toBe("");
      expect(part(50, 5)).toBe("");
      expect(part(3, 0)).toBe("");
      expect(text(await store.get("k", { offset: 2, length: 5 }))).toBe("23456");
      expect(await store.get("absent", { offset: 0, length: 1 })).toBeUndefined();
    });

    test("list tells every object below a folder, with its size and time", async () => {
      const before = Date.now();
      for (const key of ["a/1", "a/b/2", "a/b/c/3", "ab/4", "z"]) await store.put(key, [bytes(key)]);
      const found = [];
      for await (const object of store.list("a/")) found.push(object);
      expect(found.map(({ key }) => key).toSorted()).toEqual(["a/1", "a/b/2", "a/b/c/3"]);
      for (const { key, size, modifiedAt } of found) {
        expect(size).toBe(key.length);
        // Clocks of file systems may be a little behind.
        expect(modifiedAt).toBeGreaterThan(before - 5000);
        expect(modifiedAt).toBeLessThan(Date.now() + 5000);
      }
      const none = [];
      for await (const object of store.list("nothing/")) none.push(object);
      expect(none).toEqual([]);
    });

    test("an object that goes away while others are listed is left out or told, never an error", async () => {
      const keys = Array.from({ length: 50 }, (_, index) => `a/${index % 5}/${index}`);
      await Promise.all(keys.map((key) => store.put(key, [bytes("x")])));
      const found = [];
      for await (const { key } of store.list("a/")) {
        found.push(key);
        await store.delete(...keys);
      }
      expect(found.length).toBeGreaterThan(0);
      expect(new Set(found).size).toBe(found.length);
    });

    test("listNames tells what is directly below, folders with a slash, each once", async () => {
      for (const key of ["a/1", "a/b/2", "a/b/3", "a/c/d/4", "ab/5"]) await store.put(key, [bytes("x")]);
      expect([...(await store.listNames("a/"))].toSorted()).toEqual(["1", "b/", "c/"]);
      expect(await store.listNames("a/c/d/")).toEqual(["4"]);
    });

    test("half-written objects are never listed", async () => {
      await store.put("only", [bytes("x")]);
      const names = [];
      for (const folder of ["", "flows/", "blobs/"]) names.push(...(await store.listNames(folder)).filter((found) => found !== "tmp/"));
      expect(names).toEqual(["only"]);
    });

    test("stat tells size and time, by both ways", async () => {
      const before = Date.now();
      await store.put("a/k", [bytes("12345")]);
      for (const found of [await store.stat("a/k"), store.statSync("a/k"), await opened.other.stat("a/k")]) {
        expect(found).toMatchObject({ key: "a/k", size: 5 });
        expect(found?.modifiedAt).toBeGreaterThan(before - 5000);
        expect(found?.modifiedAt).toBeLessThan(Date.now() + 5000);
      }
      expect(await store.stat("a")).toBeUndefined();
      expect(await store.stat("a/")).toBeUndefined();
    });

    test("what is put again is as young as what is new", async () => {
      await store.put("k", [bytes("x")]);
      const first = (await store.stat("k"))?.modifiedAt ?? 0;
      for (let last = first; last === first; last = (await store.stat("k"))?.modifiedAt ?? 0) await store.put("k", [bytes("x")]);
      expect((await store.stat("k"))?.modifiedAt).toBeGreaterThan(first);
    });

    test("touch makes young, and changes nothing else; what is not there is told", async () => {
      for (const key of ["a/k", "a/größe ~1"]) {
        await store.put(key, [bytes("x")]);
        const first = (await store.stat(key))?.modifiedAt ?? 0;
        for (let last = first; last <= first; last = (await store.stat(key))?.modifiedAt ?? 0) expect(await store.touch(key)).toBe(true);
        expect((await store.stat(key))?.modifiedAt).toBeGreaterThan(first);
        expect(store.touchSync(key)).toBe(true);
        expect(text(await opened.other.get(key))).toBe("x");
      }
      expect(await store.touch("a/absent")).toBe(false);
      expect(store.touchSync("absent")).toBe(false);
      expect(await store.stat("absent")).toBeUndefined();
    });

    test("delete takes many away at once, and what is beside them stays", async () => {
      const keys = Array.from({ length: 1100 }, (_, index) => `many/${index % 7}/${index}`);
      await Promise.all(keys.map((key) => store.put(key, [bytes(key)])));
      await store.put("many/0/stays", [bytes("x")]);
      await store.delete(...keys, "many/never/there");
      expect(await store.listNames("many/")).toEqual(["0/"]);
      expect(await store.listNames("many/0/")).toEqual(["stays"]);
      await store.delete("many/0/stays");
      expect(await store.listNames("many/")).toEqual([]);
      await store.put("many/0/again", [bytes("x")]);
      expect(text(await opened.other.get("many/0/again"))).toBe("x");
    });

    test("delete takes away; what is not there is no error", async () => {
      await store.put("a/k", [bytes("x")]);
      await store.delete("a/k");
      expect(await store.get("a/k")).toBeUndefined();
      expect(await store.stat("a/k")).toBeUndefined();
      await store.delete("a/k");
      await store.delete("never/there");
    });

    test("keys may have dots, dashes, tildes, spaces and letters of any script", async () => {
      const keys = ["a/~1.json", "a/3.7~2.failed-0.json", "a/with space", "a/größe", "a/数", "a/$x_1", "a/.hidden"];
      for (const key of keys) await store.put(key, [bytes(key)]);
      for (const key of keys) expect(text(await store.get(key))).toBe(key);
      expect([...(await store.listNames("a/"))].map((found) => `a/${found.normalize()}`).toSorted()).toEqual(
        keys.map((key) => key.normalize()).toSorted(),
      );
    });

    test("any bytes, at any range", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 }),
          fc.nat(1300),
          fc.nat(1300),
          async (chunks, offset, length) => {
            await store.put("k", chunks);
            const whole = Buffer.concat(chunks);
            expect(Buffer.from((await store.get("k")) ?? []).equals(whole)).toBe(true);
            expect(Buffer.from(store.getSync("k", { offset, length }) ?? []).equals(whole.subarray(offset, offset + length))).toBe(true);
          },
        ),
        { numRuns: 25 },
      );
    });

    test("a large object comes back whole", async () => {
      const piece = new Uint8Array(5 * 1024 * 1024).map((_, index) => index * 31);
      await store.put("large", [piece, piece, piece, piece]);
      const found = await store.get("large");
      expect(found?.length).toBe(4 * piece.length);
      for (let index = 0; index < 4; index++) {
        expect(Buffer.compare(Buffer.from(found?.subarray(index * piece.length, (index + 1) * piece.length) ?? []), piece)).toBe(0);
      }
      const middle = await store.get("large", { offset: piece.length - 3, length: 6 });
      expect([...(middle ?? [])]).toEqual([...piece.subarray(-3), ...piece.subarray(0, 3)]);
    });
  });
}
