import { createCipheriv } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { isInline, type ArtifactRef, type BlobArtifact } from "../../../src/core/artifact-ref.js";
import { isMillraceError } from "../../../src/core/errors/millrace-error.js";
import { ArtifactReader } from "../../../src/datastore/artifacts/artifact-reader.js";
import { ArtifactWriter } from "../../../src/datastore/artifacts/artifact-writer.js";
import { MemoryStore } from "../../../src/store/memory-store.js";

async function keysOf(store: MemoryStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list("blobs/")) keys.push(key);
  return keys;
}

function blob(ref: ArtifactRef): BlobArtifact {
  if (isInline(ref)) throw new Error("the value is inline");
  return ref;
}

const rows = (count: number, from = 0): unknown[] => Array.from({ length: count }, (_, i) => ({ id: from + i, name: `row ${i}`, score: i / 3 }));
/** Bytes that do not compress, the same for the same seed. */
const noise = (bytes: number, seed = 1): Buffer =>
  createCipheriv("aes-128-ctr", Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(bytes));

describe("writing", () => {
  it("keeps small values in the ref, readable", async () => {
    const store = new MemoryStore();
    const writer = new ArtifactWriter(store);
    expect(writer.write({ alpha: 0.5, names: ["a"] }, "this.config")).toEqual({ codec: "json", value: { alpha: 0.5, names: ["a"] } });
    expect(writer.write(undefined, "this.none")).toEqual({ codec: "primitive", value: "undefined" });
    expect(writer.write(12n, "this.big")).toEqual({ codec: "primitive", value: "12n" });
    expect(writer.write(Buffer.from("hi"), "this.bytes")).toEqual({ codec: "bytes", meta: { type: "Buffer" }, base64: "aGk=" });
    expect(await keysOf(store)).toEqual([]);
  });

  it("does not follow later changes of an inline value", () => {
    const value = { list: [1] };
    const ref = new ArtifactWriter(new MemoryStore()).write(value, "this.value");
    value.list.push(2);
    expect(ref).toEqual({ codec: "json", value: { list: [1] } });
  });

  it("keeps no more than 16 KB in a record", () => {
    const writer = new ArtifactWriter(new MemoryStore());
    const refs = Array.from({ length: 40 }, (_, i) => writer.write(`${i}:${"x".repeat(900)}`, `this.a${i}`));
    expect(refs.filter(isInline)).toHaveLength(18);
  });

  it("stores equal content once", async () => {
    const store = new MemoryStore();
    const first = new ArtifactWriter(store).write(rows(2000), "this.a");
    const second = new ArtifactWriter(store).write(rows(2000), "this.b");
    expect(second).toEqual(first);
    expect(await keysOf(store)).toHaveLength(1);
  });

  it("encodes an object once", () => {
    let reads = 0;
    const value = {
      get text(): string {
        reads++;
        return "x".repeat(5000);
      },
    };
    const writer = new ArtifactWriter(new MemoryStore());
    writer.write(value, "this.a");
    const readsOfOne = reads;
    expect(writer.write(value, "this.b")).toEqual(new ArtifactWriter(new MemoryStore()).write({ text: "x".repeat(5000) }, "this.c"));
    expect(reads).toBe(readsOfOne);
  });

  it("compresses where it pays", () => {
    const local = new ArtifactWriter(new MemoryStore());
    const remote = new ArtifactWriter(new MemoryStore({ remote: true }));
    const compression = (writer: ArtifactWriter, value: unknown): string | undefined => blob(writer.write(value, "this.v")).parts[0]?.compression;
    expect(compression(local, rows(5000))).toBe("br");
    expect(compression(local, rows(200))).toBeUndefined();
    expect(compression(local, Buffer.alloc(100_000))).toBeUndefined();
    expect(compression(local, { noise: noise(200_000) })).toBeUndefined();
    expect(compression(remote, Buffer.alloc(100_000))).toBe("br");
    expect(compression(remote, noise(100_000))).toBeUndefined();
  });

  it("puts a compressed blob under its content's hash, with a suffix", async () => {
    const store = new MemoryStore();
    const ref = blob(new ArtifactWriter(store).write("text ".repeat(10_000), "this.text"));
    expect(ref).toMatchObject({ codec: "text", size: 50_000, parts: [{ hash: ref.hash, size: 50_000, compression: "br" }] });
    expect(await keysOf(store)).toEqual([`blobs/${ref.hash.slice(0, 2)}/${ref.hash}.br`]);
  });

  it("says what cannot be stored, and where", () => {
    const writer = new ArtifactWriter(new MemoryStore());
    expect(() => writer.write({ model: { fn: (): void => {} } }, "this.net")).toThrow("this.net.model.fn cannot be stored: it is a function (fn).");
  });
});

describe("reading", () => {
  const values: Readonly<Record<string, unknown>> = {
    inline: { a: [1, "b"] },
    "inline bytes": Buffer.from("hello"),
    undefined,
    rows: rows(3000),
    text: "grüße ".repeat(9000),
    buffer: noise(300_000),
    floats: new Float64Array(50_000).fill(0.5),
    "large parts inside": { weights: [noise(1_200_000), new Float32Array(400_000).fill(1)], name: "net" },
    list: [noise(20_000), rows(1000), "x".repeat(20_000)],
    "richer list": [new Map([["a", noise(30_000)]]), { rows: rows(900) }],
    empty: Buffer.alloc(0),
    "long JSON in a blob": { text: "y".repeat(1000) },
  };
  for (const [name, value] of Object.entries(values)) {
    it(`gives back ${name}, from local and remote stores`, async () => {
      for (const remote of [false, true]) {
        const store = new MemoryStore({ remote });
        const ref = remote ? await new ArtifactWriter(store).writeAsync(value, "this.v") : new ArtifactWriter(store).write(value, "this.v");
        const reader = new ArtifactReader(store);
        expect(isDeepStrictEqual(reader.read(JSON.parse(JSON.stringify(ref)) as ArtifactRef, "F/1/start/0/v"), value)).toBe(true);
        expect(isDeepStrictEqual(await reader.load(ref, "F/1/start/0/v"), value)).toBe(true);
      }
    });
  }

  it("gives a new value each time", () => {
    const store = new MemoryStore();
    const reader = new ArtifactReader(store);
    for (const value of [{ list: [1] }, { rows: rows(2000) }]) {
      const ref = new ArtifactWriter(store).write(value, "this.v");
      expect(reader.read(ref, "v")).not.toBe(reader.read(ref, "v"));
      (reader.read(ref, "v") as Record<string, unknown>)["changed"] = true;
      expect(reader.read(ref, "v")).toEqual(value);
    }
  });

  it("gives bytes memory of their own", () => {
    const store = new MemoryStore();
    const back = new ArtifactReader(store).read(new ArtifactWriter(store).write(noise(5000), "this.v"), "v") as Buffer;
    expect(back.buffer.byteLength).toBe(5000);
  });
});

describe("large values", () => {
  it("are cut into parts, and joined", () => {
    const store = new MemoryStore();
    const value = Buffer.alloc(66 * 1024 * 1024, 3);
    value.write("end", value.length - 3);
    const ref = blob(new ArtifactWriter(store).write(value, "this.big"));
    expect(ref.parts.map((part) => part.size)).toEqual([64 * 1024 * 1024, 2 * 1024 * 1024]);
    expect((new ArtifactReader(store).read(ref, "big") as Buffer).equals(value)).toBe(true);
  });
});

describe("lists of large values", () => {
  it("store each element once, also across lists", async () => {
    const store = new MemoryStore();
    const chunks = [rows(1500), rows(1500, 7), noise(20_000)];
    const ref = new ArtifactWriter(store).write(chunks, "this.chunks");
    expect(ref.codec).toBe("list");
    expect(await keysOf(store)).toHaveLength(3);
    new ArtifactWriter(store).write([...chunks].reverse(), "this.reversed");
    new ArtifactWriter(store).write(chunks[0], "this.first");
    expect(await keysOf(store)).toHaveLength(3);
  });

  it("are stored whole when elements share objects or memory", () => {
    const store = new MemoryStore();
    const reader = new ArtifactReader(store);
    const shared = { name: "shared" };
    const ref = new ArtifactWriter(store).write(
      [
        [...rows(1500), shared],
        [...rows(1500), shared],
      ],
      "this.chunks",
    );
    expect(ref.codec).toBe("structured");
    const back = reader.read(ref, "chunks") as unknown[][];
    expect(back[0]?.at(-1)).toBe(back[1]?.at(-1));
    const bytes = noise(40_000);
    expect(new ArtifactWriter(store).write([bytes, bytes], "this.twice").codec).toBe("structured");
    expect(new ArtifactWriter(store).write([bytes.subarray(0, 30_000), bytes.subarray(10_000)], "this.overlapping").codec).toBe("structured");
  });

  it("name the element that cannot be stored", () => {
    const list = [rows(1500), [...rows(1500), (): void => {}]];
    expect(() => new ArtifactWriter(new MemoryStore()).write(list, "this.chunks")).toThrow(
      "this.chunks[1][1500] cannot be stored: it is a function.",
    );
  });
});

describe("changes in place", () => {
  const values: Readonly<Record<string, () => unknown>> = {
    "an inline object": () => ({ list: [1, 2] }),
    "an inline Map": () => new Map([["a", 1]]),
    rows: () => rows(3000),
    "a buffer": () => noise(200_000),
    "a list": () => [rows(1000), rows(1000, 5)],
    "an object with buffers": () => ({ a: noise(1_100_000), b: [noise(10)] }),
    "many numbers": () => Array.from({ length: 5000 }, (_, i) => i / 2),
  };
  const change = (value: unknown): void => {
    if (Buffer.isBuffer(value)) value[7] = (value[7] ?? 0) ^ 1;
    else if (value instanceof Map) value.set("a", 2);
    else if (Array.isArray(value)) {
      if (Array.isArray(value[1])) value[1].push("more");
      else value.push("more");
    } else if (typeof value === "object" && value !== null) Object.assign(value, { more: 1 });
  };
  for (const [name, make] of Object.entries(values)) {
    it(`are found in ${name}, and only there`, async () => {
      const store = new MemoryStore();
      const ref = new ArtifactWriter(store).write(make(), "this.v");
      const loaded = new ArtifactReader(store).read(ref, "v");
      const keys = await keysOf(store);
      expect(new ArtifactWriter(store).hasChanged(ref, loaded, "this.v")).toBe(false);
      expect(new ArtifactWriter(store).update(ref, loaded, "this.v")).toBe(ref);
      change(loaded);
      expect(new ArtifactWriter(store).hasChanged(ref, loaded, "this.v")).toBe(true);
      expect(await keysOf(store)).toEqual(keys);
      const updated = await new ArtifactWriter(store).updateAsync(ref, loaded, "this.v");
      expect(updated).not.toBe(ref);
      expect(isDeepStrictEqual(new ArtifactReader(store).read(updated, "v"), loaded)).toBe(true);
      expect(isDeepStrictEqual(new ArtifactReader(store).read(ref, "v"), make())).toBe(true);
    });
  }

  it("that are only looked for count as stored nowhere", async () => {
    const store = new MemoryStore();
    const writer = new ArtifactWriter(store);
    const list = [rows(1000), rows(1000, 5)];
    expect(writer.hasChanged({ codec: "json", value: 1 }, list, "this.v")).toBe(true);
    expect(await keysOf(store)).toEqual([]);
    expect(new ArtifactReader(store).read(writer.write(list, "this.v"), "v")).toEqual(list);
  });

  it("are not seen where a value only moved out of the record", () => {
    const store = new MemoryStore();
    const ref = new ArtifactWriter(store).write({ text: "x".repeat(900) }, "this.v");
    const full = new ArtifactWriter(store);
    for (let i = 0; i < 30; i++) full.write(`${i}${"x".repeat(900)}`, "this.filler");
    expect(full.update(ref, { text: "x".repeat(900) }, "this.v")).toBe(ref);
  });
});

describe("damage", () => {
  const error = (act: () => unknown): unknown => {
    try {
      return act();
    } catch (thrown) {
      return isMillraceError(thrown) ? `${thrown.code}: ${thrown.message}` : thrown;
    }
  };

  for (const [name, value] of Object.entries({ compressed: rows(5000), plain: noise(50_000) })) {
    it(`of any byte of a ${name} blob is found`, () => {
      const store = new MemoryStore();
      const ref = new ArtifactWriter(store).write(value, "this.v");
      const part = blob(ref).parts[0];
      const key = `blobs/${part?.hash.slice(0, 2)}/${part?.hash}${part?.compression === "br" ? ".br" : ""}`;
      const whole = store.getSync(key) ?? new Uint8Array(0);
      for (const damage of [0, 1, 500, whole.length - 1]) {
        const bytes = whole.slice();
        bytes[damage] = (bytes[damage] ?? 0) ^ 0x10;
        store.putSync(key, [bytes]);
        expect(error(() => new ArtifactReader(store).read(ref, "F/1/start/0/v"))).toContain(
          `artifact-damaged: The artifact F/1/start/0/v is damaged: ${key} `,
        );
      }
      store.putSync(key, [whole.subarray(0, 100)]);
      expect(error(() => new ArtifactReader(store).read(ref, "F/1/start/0/v"))).toContain("artifact-damaged");
      store.putSync(key, [whole]);
      expect(error(() => new ArtifactReader(store).read(ref, "F/1/start/0/v"))).toEqual(value);
    });
  }

  it("by a blob that is gone is named", async () => {
    const store = new MemoryStore();
    const ref = blob(new ArtifactWriter(store).write(noise(5000), "this.v"));
    const [key = ""] = await keysOf(store);
    await store.delete(key);
    expect(error(() => new ArtifactReader(store).read(ref, "F/1/a/0/v"))).toBe(
      `artifact-missing: The artifact F/1/a/0/v is gone: there is no ${key} in the datastore.`,
    );
    await expect(new ArtifactReader(store).load(ref, "F/1/a/0/v")).rejects.toThrow("is gone");
  });

  it("inside a list names the element", async () => {
    const store = new MemoryStore();
    const ref = new ArtifactWriter(store).write([noise(20_000, 1), noise(20_000, 2)], "this.v");
    const second = new ArtifactWriter(new MemoryStore()).write(noise(20_000, 2), "this.x");
    await store.delete(`blobs/${blob(second).hash.slice(0, 2)}/${blob(second).hash}`);
    expect(error(() => new ArtifactReader(store).read(ref, "F/1/a/0/v"))).toContain("The artifact F/1/a/0/v[1] is gone");
  });
});
