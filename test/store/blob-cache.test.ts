import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { readdir, readFile, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BlobCache } from "../../src/store/s3/blob-cache.js";
import { until } from "../rig/condition.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-cache-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const keyOf = (bytes: Uint8Array, suffix = ""): string => {
  const hash = createHash("sha256").update(bytes).digest("hex");
  return `blobs/${hash.slice(0, 2)}/${hash}${suffix}`;
};

async function files(): Promise<string[]> {
  const found = [];
  for (const name of await readdir(folder, { recursive: true })) {
    // The cache may move or delete it at this moment.
    const info = await stat(join(folder, name)).catch(() => undefined);
    if (info?.isFile() === true) found.push(join(folder, name));
  }
  return found.filter((file) => !file.startsWith(join(folder, "tmp")));
}

async function kept(cache: BlobCache, bytes: Uint8Array, suffix = ""): Promise<string> {
  const key = keyOf(bytes, suffix);
  cache.keep(key, bytes);
  await until("it is kept", async () => (await cache.read(key)) !== undefined);
  return key;
}

test("what is kept is read, whole and in part, by other processes too", async () => {
  const cache = new BlobCache({ folder, maxBytes: 1e9 });
  for (const suffix of ["", ".br", "~k3v9.br"]) {
    const bytes = randomBytes(1000);
    const key = await kept(cache, bytes, suffix);
    const other = new BlobCache({ folder, maxBytes: 1e9 });
    expect(Buffer.compare((await other.read(key)) ?? new Uint8Array(), bytes)).toBe(0);
    expect(Buffer.compare((await other.read(key, { offset: 10, length: 5 })) ?? new Uint8Array(), bytes.subarray(10, 15))).toBe(0);
  }
});

test("only what its key names by its content is kept", async () => {
  const cache = new BlobCache({ folder, maxBytes: 1e9 });
  cache.keep("flows/Score/1/lease.json", Buffer.from("x"));
  await kept(cache, randomBytes(10));
  expect(await files()).toHaveLength(1);
});

test("a file that is damaged, or cut short, is not believed, and goes", async () => {
  const cache = new BlobCache({ folder, maxBytes: 1e9 });
  const key = await kept(cache, randomBytes(1000));
  const [file = ""] = await files();
  const bytes = await readFile(file);
  for (const damage of [
    async () => writeFile(file, Buffer.from(bytes).fill(7, 0, 9)),
    async () => truncate(file, 300),
    async () => truncate(file, 0),
  ]) {
    await writeFile(file, bytes);
    await damage();
    expect(await cache.read(key)).toBeUndefined();
    expect(await files()).toEqual([]);
  }
});

test("stays within its bound: what was used longest ago goes first", async () => {
  const cache = new BlobCache({ folder, maxBytes: 100_000 });
  // Not read, as that would make it young again, some time soon.
  const bytes = randomBytes(9_000);
  const old = keyOf(bytes);
  cache.keep(old, bytes);
  await until("it is kept", async () => (await files()).length === 1);
  const [file = ""] = await files();
  await utimes(file, new Date(0), new Date(0));
  for (let index = 0; index < 15; index++) await kept(cache, randomBytes(9_000)).catch(() => {});
  await until("there is room again", async () => (await files()).length * 9_000 <= 100_000);
  expect(await cache.read(old)).toBeUndefined();
});

test("a folder that cannot be written is no cache, and no error", async () => {
  const file = join(folder, "file");
  await writeFile(file, "");
  const cache = new BlobCache({ folder: join(file, "below"), maxBytes: 1e9 });
  const bytes = randomBytes(10);
  cache.keep(keyOf(bytes), bytes);
  expect(await cache.read(keyOf(bytes))).toBeUndefined();
});
