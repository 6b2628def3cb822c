import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isInline, type ArtifactRef } from "../../../src/core/artifact-ref.js";
import { ArtifactReader } from "../../../src/datastore/artifacts/artifact-reader.js";
import { ArtifactWriter } from "../../../src/datastore/artifacts/artifact-writer.js";
import { ItemsReader } from "../../../src/datastore/artifacts/items-reader.js";
import { writeItems } from "../../../src/datastore/artifacts/items-writer.js";
import { MemoryStore } from "../../../src/store/memory-store.js";

/** How to make a value; made twice, it is two equal values. */
const recipe = fc.record({
  kind: fc.constantFrom("text", "bytes", "rows", "object", "list", "number"),
  size: fc.constantFrom(0, 3, 300, 900, 5000, 30_000),
  seed: fc.integer({ min: 0, max: 3 }),
});

type Recipe = typeof recipe extends fc.Arbitrary<infer T> ? T : never;

function make({ kind, size, seed }: Recipe): unknown {
  switch (kind) {
    case "text":
      return `${seed} ü`.repeat(size / 4);
    case "bytes":
      return Buffer.alloc(size, seed + 1);
    case "rows":
      return Array.from({ length: size / 10 }, (_, i) => ({ id: i * seed, name: `row ${i}` }));
    case "object":
      return { seed, inner: new Map([["bytes", new Uint8Array(size).fill(seed)]]) };
    case "list":
      return [1, 2, 3].map((n) => make({ kind: "bytes", size, seed: seed + n }));
    default:
      return seed / size;
  }
}

function keysOf(refs: readonly ArtifactRef[]): Set<string> {
  const hashes = new Set<string>();
  for (const ref of refs) {
    if (!isInline(ref)) for (const part of ref.parts) hashes.add(part.hash);
    const inner = ref.codec === "list" && isInline(ref) ? (ref.value as unknown as readonly ArtifactRef[]) : [];
    for (const hash of keysOf(inner)) hashes.add(hash);
  }
  return hashes;
}

describe("any sequence of writes", () => {
  it("comes back equal, and stores equal content once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(recipe, { maxLength: 12 }), fc.boolean(), async (recipes, remote) => {
        const store = new MemoryStore({ remote });
        const writers = [new ArtifactWriter(store), new ArtifactWriter(store)];
        const refs = recipes.map((one, index) => (writers[index % 2] ?? new ArtifactWriter(store)).write(make(one), "this.value"));
        const reader = new ArtifactReader(store);
        for (const [index, one] of recipes.entries())
          expect(isDeepStrictEqual(reader.read(refs[index] as ArtifactRef, "value"), make(one))).toBe(true);
        const stored = new Set<string>();
        for await (const { key } of store.list("blobs/")) {
          const hash = key.slice("blobs/00/".length).replace(/\.br$/, "");
          expect(stored.has(hash)).toBe(false);
          stored.add(hash);
        }
        expect(stored).toEqual(keysOf(refs));
      }),
      { numRuns: 60 },
    );
  });

  it("of a fan-out's items comes back item by item", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(recipe, { maxLength: 40 }), fc.boolean(), async (recipes, lazily) => {
        const store = new MemoryStore();
        const items = recipes.map(make);
        const written = await writeItems(store, new ArtifactWriter(store), lazily ? items.values() : items, { label: (item) => typeof item });
        const reader = new ItemsReader(store);
        for (const [index, one] of recipes.entries()) {
          const item = reader.itemSync(written.items, index, "items");
          expect(isDeepStrictEqual(item, { value: make(one), label: typeof make(one) })).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});
