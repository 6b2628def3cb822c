import { describe, expect, it } from "vitest";
import type { ItemsRef } from "../../../src/core/records.js";
import { ArtifactReader } from "../../../src/datastore/artifacts/artifact-reader.js";
import { ArtifactWriter } from "../../../src/datastore/artifacts/artifact-writer.js";
import { ItemsReader } from "../../../src/datastore/artifacts/items-reader.js";
import { writeItems, type WriteItemsOptions, type WrittenItems } from "../../../src/datastore/artifacts/items-writer.js";
import { MemoryStore } from "../../../src/store/memory-store.js";
import type { ByteRange } from "../../../src/store/object-store.js";

/** Notes what is read and written. */
class WatchedStore extends MemoryStore {
  readonly reads: { key: string; bytes: number }[] = [];
  readonly writes: string[] = [];

  override getSync(key: string, range?: ByteRange): Uint8Array | undefined {
    const bytes = super.getSync(key, range);
    this.reads.push({ key, bytes: bytes?.length ?? 0 });
    return bytes;
  }

  override putSync(key: string, chunks: readonly Uint8Array[], options?: { readonly ifAbsent?: boolean }): boolean {
    this.writes.push(key);
    return super.putSync(key, chunks, options);
  }

  get bytesRead(): number {
    return this.reads.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}

const write = (store: MemoryStore, source: Iterable<unknown> | AsyncIterable<unknown>, options?: WriteItemsOptions): Promise<WrittenItems> =>
  writeItems(store, new ArtifactWriter(store), source, options);

const throughRecord = (items: ItemsRef): ItemsRef => JSON.parse(JSON.stringify(items)) as ItemsRef;

describe("a fan-out's items", () => {
  const sources: Readonly<Record<string, readonly unknown[]>> = {
    few: [1, "zwei", { three: 3 }, undefined, null, Number.NaN],
    rich: [
      new Map([["a", 1]]),
      new Date(5),
      Buffer.from("bytes"),
      [1n],
      new Error("x"),
      Array.from({ length: 30 }, (_, i) => ({ i, d: new Date(i) })),
    ],
    "not small": [{ text: "ä".repeat(3000) }, { rows: Array.from({ length: 2000 }, (_, i) => ({ i, n: `n${i}` })) }, Buffer.alloc(50_000, 1)],
    many: Array.from({ length: 3000 }, (_, i) => ({ i, name: `item ${i}` })),
    one: [[]],
  };
  for (const [name, source] of Object.entries(sources)) {
    it(`can each be read alone: ${name}`, async () => {
      for (const store of [new MemoryStore(), new MemoryStore({ remote: true })]) {
        const { items, count } = await write(store, source);
        expect(count).toBe(source.length);
        expect(items.count).toBe(source.length);
        const order = source.map((_, index) => (index * 7 + 3) % source.length);
        const reader = new ItemsReader(store);
        for (const index of order)
          expect(reader.itemSync(throughRecord(items), index, "F/1/a/0 foreach")).toEqual({ value: source[index], label: undefined });
        for (const index of order.slice(0, 5))
          expect((await new ItemsReader(store).item(items, index, "F/1/a/0 foreach")).value).toEqual(source[index]);
      }
    });
  }

  it("come from any iterable or async iterable", async () => {
    const store = new MemoryStore();
    async function* later(): AsyncGenerator<number> {
      yield 1;
      await Promise.resolve();
      yield 2;
    }
    for (const source of [new Set([1, 2]), [1, 2].values(), later()]) {
      const { items } = await write(store, source);
      expect([0, 1].map((index) => new ItemsReader(store).itemSync(items, index, "x").value)).toEqual([1, 2]);
    }
    const { items } = await write(store, new Map([["a", 1]]));
    expect(new ItemsReader(store).itemSync(items, 0, "x").value).toEqual(["a", 1]);
  });

  it("of a small fan-out stand in the record", async () => {
    const store = new WatchedStore();
    const { items } = await write(store, [1, 2, 3]);
    expect(store.writes).toEqual([]);
    expect(items.pack).toMatchObject({ codec: "items" });
    expect(items.pack).toHaveProperty("value");
  });

  it("may be none", async () => {
    const { items, count } = await write(new MemoryStore(), []);
    expect(count).toBe(0);
    expect(items.count).toBe(0);
  });

  it("carry their labels", async () => {
    const store = new MemoryStore();
    const { items, labels } = await write(store, ["a", "b"], { label: (item) => `page ${String(item)}` });
    expect(labels).toEqual(["page a", "page b"]);
    expect(new ItemsReader(store).itemSync(items, 1, "x")).toEqual({ value: "b", label: "page b" });
    expect(new ItemsReader(store).labelSync(items, 0, "x")).toBe("page a");
  });

  it("stop at the limit, and the source is told", async () => {
    let closed = false;
    let made = 0;
    const counts: number[] = [];
    function* endless(): Generator<number> {
      try {
        for (;;) yield made++;
      } finally {
        closed = true;
      }
    }
    const { count } = await write(new MemoryStore(), endless(), { limit: 5, onCount: (n) => counts.push(n) });
    expect({ count, closed, made, counts }).toEqual({ count: 5, closed: true, made: 5, counts: [1, 2, 3, 4, 5] });
  });

  it("are let go once stored: a source may use its memory again", async () => {
    const store = new MemoryStore();
    function* reused(): Generator<{ n: number; bytes: Buffer }> {
      const item = { n: 0, bytes: Buffer.alloc(40_000) };
      for (item.n = 0; item.n < 3; item.n++) {
        item.bytes.fill(item.n);
        yield item;
      }
    }
    const { items } = await write(store, reused());
    const back = [0, 1, 2].map((index) => new ItemsReader(store).itemSync(items, index, "x").value as { n: number; bytes: Buffer });
    expect(back.map(({ n, bytes }) => [n, bytes[39_999]])).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
  });

  it("that cannot be stored are named", async () => {
    await expect(write(new MemoryStore(), [1, 2, 3, { x: (): void => {} }])).rejects.toThrow(
      "foreach item [3].x cannot be stored: it is a function (x).",
    );
  });

  it("share blobs with the artifact that holds the same array, written before or after", async () => {
    const chunks = Array.from({ length: 5 }, (_, c) => Array.from({ length: 2000 }, (__, i) => ({ id: c * 2000 + i, name: `n${i}` })));
    for (const itemsFirst of [true, false]) {
      const store = new WatchedStore();
      const writer = new ArtifactWriter(store);
      if (itemsFirst) await writeItems(store, writer, chunks);
      const ref = writer.write(chunks, "this.chunks");
      if (!itemsFirst) await writeItems(store, writer, chunks);
      expect(ref.codec).toBe("list");
      expect(new Set(store.writes).size).toBe(store.writes.length);
      expect(store.writes).toHaveLength(chunks.length + 1);
      expect(new ArtifactReader(store).read(ref, "chunks")).toEqual(chunks);
    }
  });
});

describe("reading an item", () => {
  it("of a wide fan-out does not read the others", async () => {
    const store = new WatchedStore();
    const { items } = await write(
      store,
      Array.from({ length: 100_000 }, (_, i) => ({ i, url: `https://example.org/page/${i}` })),
    );
    store.reads.length = 0;
    expect(new ItemsReader(store).itemSync(items, 77_777, "x").value).toEqual({ i: 77_777, url: "https://example.org/page/77777" });
    expect(store.reads).toHaveLength(2);
    expect(store.bytesRead).toBeLessThan(1000);
  });

  it("again and again reads a small pack once", async () => {
    const store = new WatchedStore();
    const { items } = await write(
      store,
      Array.from({ length: 10_000 }, (_, i) => i),
    );
    store.reads.length = 0;
    const reader = new ItemsReader(store);
    for (let index = 0; index < 10_000; index += 11) expect(reader.itemSync(items, index, "x").value).toBe(index);
    expect(store.reads.length).toBeLessThan(6);
  });

  it("of large items reads just the one", async () => {
    const store = new WatchedStore();
    const { items } = await write(
      store,
      Array.from({ length: 4 }, (_, i) => Buffer.alloc(100_000, i)),
    );
    store.reads.length = 0;
    expect((new ItemsReader(store).itemSync(items, 2, "x").value as Buffer)[0]).toBe(2);
    expect(store.bytesRead).toBeLessThan(110_000);
  });

  it("finds damage, wherever the bytes come from", async () => {
    const store = new MemoryStore();
    const many = (
      await write(
        store,
        Array.from({ length: 50_000 }, (_, i) => ({ i, text: "some text" })),
      )
    ).items;
    const few = (
      await write(
        store,
        Array.from({ length: 300 }, (_, i) => ({ i, text: "some text" })),
      )
    ).items;
    for (const items of [many, few]) {
      for (const ref of [items.pack, items.offsets]) {
        const key = "hash" in ref ? `blobs/${ref.hash.slice(0, 2)}/${ref.hash}` : "";
        const whole = store.getSync(key) ?? new Uint8Array(0);
        const bytes = whole.slice();
        for (let i = 6; i < bytes.length; i += 8) bytes[i] = (bytes[i] ?? 0) ^ 1;
        store.putSync(key, [bytes]);
        expect(() => new ItemsReader(store).itemSync(items, 200, "F/1/a/0 foreach")).toThrow("The artifact F/1/a/0 foreach[200] is damaged");
        await store.delete(key);
        await expect(new ItemsReader(store).item(items, 200, "F/1/a/0 foreach")).rejects.toThrow("The artifact F/1/a/0 foreach[200] is gone");
        store.putSync(key, [whole]);
      }
      expect(new ItemsReader(store).itemSync(items, 200, "x").value).toEqual({ i: 200, text: "some text" });
    }
  });
});
