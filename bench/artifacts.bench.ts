import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { ArtifactReader } from "../src/datastore/artifacts/artifact-reader.js";
import { ArtifactWriter } from "../src/datastore/artifacts/artifact-writer.js";
import { ItemsReader } from "../src/datastore/artifacts/items-reader.js";
import { writeItems } from "../src/datastore/artifacts/items-writer.js";
import { LocalStore } from "../src/store/local-store.js";
import { type Figure, median, milliseconds } from "./figure.js";

const ROUNDS = 5;

/** Large values through the datastore, beside hashing and writing (reading, hashing and decoding) the same bare; and the items of a wide fan-out. */
export async function run(): Promise<readonly Figure[]> {
  return [
    ...measure("256 MB Buffer", makeBuffer(256 * 1024 * 1024), { encode: (value) => value, decode: (bytes) => bytes }, 0.5),
    ...measure("1 M rows", makeRows(1_000_000), { encode: serialize, decode: deserialize }, 0.5),
    ...measure("100 k nested objects", makeTrees(100_000), { encode: serialize, decode: deserialize }),
    ...measure("1 M numbers", makeNumbers(1_000_000), { encode: serialize, decode: deserialize }),
    ...(await measureItems(100_000)),
  ];
}

interface Bare<T> {
  readonly encode: (value: T) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => unknown;
}

function measure<T>(name: string, value: T, bare: Bare<T>, target?: number): Figure[] {
  const times: Times = { bareWrite: [], write: [], bareRead: [], read: [], check: [] };
  for (let round = 0; round < ROUNDS; round++) {
    measureBare(value, bare, times);
    measureOurs(value, times);
  }
  const speed = (what: string, bareTimes: readonly number[], ours: readonly number[]): Figure => ({
    name: `${name} ${what}: speed beside bare Node's`,
    value: median(bareTimes) / median(ours),
    unit: "×",
    ...(target !== undefined && { target, atLeast: true }),
    detail: `${milliseconds(median(ours))}, bare ${milliseconds(median(bareTimes))}`,
  });
  return [
    speed("written", times.bareWrite, times.write),
    speed("read", times.bareRead, times.read),
    { name: `${name} looked through for changes`, value: median(times.check), unit: "ms", detail: "" },
  ];
}

/** Milliseconds, one a round. */
interface Times {
  readonly bareWrite: number[];
  readonly write: number[];
  readonly bareRead: number[];
  readonly read: number[];
  readonly check: number[];
}

// Each has a folder of its own, removed before the other starts: both find the memory for cached files in the same state.
function measureBare<T>(value: T, bare: Bare<T>, times: Times): void {
  using folder = new Folder();
  const file = join(folder.path, "bare");
  times.bareWrite.push(
    timed(() => {
      const bytes = bare.encode(value);
      hash(bytes);
      writeFileSync(file, bytes);
    }),
  );
  times.bareRead.push(
    timed(() => {
      const bytes = readFileSync(file);
      hash(bytes);
      return bare.decode(bytes);
    }),
  );
}

function measureOurs(value: unknown, times: Times): void {
  using folder = new Folder();
  const store = new LocalStore(folder.path);
  const { ms, result: ref } = timedResult(() => new ArtifactWriter(store).write(value, "this.value"));
  times.write.push(ms);
  const read = timedResult(() => new ArtifactReader(store).read(ref, "value"));
  times.read.push(read.ms);
  times.check.push(timed(() => new ArtifactWriter(store).hasChanged(ref, read.result, "this.value")));
}

async function measureItems(count: number): Promise<Figure[]> {
  using folder = new Folder();
  const store = new LocalStore(folder.path);
  const items = Array.from({ length: count }, (_, i) => ({ id: i, url: `https://example.org/page/${i}` }));
  const writes: number[] = [];
  const reads: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    const written = await writeItems(store, new ArtifactWriter(store), items);
    writes.push(performance.now() - started);
    reads.push(timed(() => new ItemsReader(store).itemSync(written.items, Math.floor(count * 0.77), "items")));
  }
  return [
    {
      name: `${count} foreach items written`,
      value: median(writes),
      unit: "ms",
      target: 1000,
      detail: `${((median(writes) * 1000) / count).toFixed(1)} µs an item`,
    },
    { name: "one of them read by a new process's reader", value: median(reads), unit: "ms", detail: "" },
  ];
}

function timed(act: () => unknown): number {
  return timedResult(act).ms;
}

function timedResult<T>(act: () => T): { readonly ms: number; readonly result: T } {
  const started = performance.now();
  const result = act();
  return { ms: performance.now() - started, result };
}

/** OpenSSL takes no more than 2 GiB at once; nothing here is as large. */
function hash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function makeBuffer(size: number): Uint8Array {
  const buffer = Buffer.allocUnsafe(size);
  for (let i = 0; i < size; i += 4) buffer.writeUInt32LE((i * 2_654_435_761) >>> 0, i);
  return buffer;
}

function makeRows(count: number) {
  return Array.from({ length: count }, (_, i) => ({ id: i, name: `user ${i}`, score: i / 7, active: i % 3 === 0, tag: `t${i % 10}` }));
}

function makeTrees(count: number) {
  return Array.from({ length: count }, (_, i) => ({
    id: i,
    user: { name: `n${i}`, tags: ["a", "b", `c${i}`], place: { lat: i / 3, lon: -i / 7 } },
    items: [
      { k: 1, v: "x" },
      { k: 2, v: `y${i}` },
    ],
    [`option${i % 5}`]: i,
  }));
}

function makeNumbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i / 7);
}

/** A temporary folder. */
class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "millrace-bench-"));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
