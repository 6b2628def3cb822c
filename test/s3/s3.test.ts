import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { s3, type Progress } from "../../src/s3/index.js";
import { describeWith, s3Service } from "../rig/services.js";

const MB = 1024 * 1024;

/** Bytes that tell where they stand. */
function pattern(size: number): Buffer {
  const words = new Uint32Array(Math.ceil(size / 4));
  for (let index = 0; index < words.length; index++) words[index] = index;
  return Buffer.from(words.buffer).subarray(0, size);
}

describeWith(await s3Service(), "millrace/s3", ({ endpoint, bucket, env, freshUrl }) => {
  const root = freshUrl();
  const data = s3({ root, endpoint, region: "us-east-1" });
  const everywhere = s3({ endpoint, region: "us-east-1" });
  let folder: string;

  beforeAll(async () => {
    for (const [name, value] of Object.entries(env)) process.env[name] = value;
    folder = await mkdtemp(join(tmpdir(), "millrace-s3-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("what is put comes back, with what was said of it", async () => {
    const put = await data.put("notes/ä b+c.txt", "grüße", { contentType: "text/plain", metadata: { author: "me" } });
    expect(put).toEqual({ key: "notes/ä b+c.txt", url: `${root}/notes/ä b+c.txt`, size: 7, written: true });
    const object = await data.get("notes/ä b+c.txt");
    expect(object.text()).toBe("grüße");
    expect(object).toMatchObject({ size: 7, contentType: "text/plain", metadata: { author: "me" }, url: put.url });
    expect(Math.abs(object.lastModified.getTime() - Date.now())).toBeLessThan(60_000);
    expect(await everywhere.head(put.url)).toMatchObject({ key: put.url, size: 7, etag: object.etag });
    await data.put("empty", new Uint8Array(0));
    expect((await data.get("empty")).bytes).toHaveLength(0);
    await data.put("data.json", JSON.stringify({ a: [1] }));
    expect((await data.get("data.json")).json()).toEqual({ a: [1] });
  });

  test("results are in the order of the requests, whatever came first, and the progress is told", async () => {
    const keys = Array.from({ length: 60 }, (_, index) => `many/${index}`);
    const told: Progress[] = [];
    const results = await data.putMany(
      keys.map((key, index) => ({ key, body: "x".repeat(index === 0 ? 2 * MB : index) })),
      { progress: (progress) => void told.push(progress), concurrency: 16 },
    );
    expect(results.map(({ key }) => key)).toEqual(keys);
    expect(told.at(-1)).toEqual({ done: 60, total: 60, bytes: 2 * MB + (59 * 60) / 2 });
    const objects = await data.getMany(keys);
    expect(objects.map(({ key, size }) => [key, size])).toEqual(keys.map((key, index) => [key, index === 0 ? 2 * MB : index]));
    const heads = await data.headMany(keys.toReversed());
    expect(heads.map(({ key }) => key)).toEqual(keys.toReversed());
    const walked: string[] = [];
    for await (const { key } of data.each(keys.slice(0, 12))) walked.push(key);
    expect(walked).toEqual(keys.slice(0, 12));
    expect(await data.getMany([])).toEqual([]);
  });

  test("a folder's list has what is in it, and nothing of its siblings", async () => {
    await data.putMany(["l/a/1", "l/a/2/3", "l/ab/4", "l/a5", "l/a"].map((key) => ({ key, body: "." })));
    const list = async (objects: AsyncIterable<{ readonly key: string }>): Promise<string[]> => {
      const keys: string[] = [];
      for await (const { key } of objects) keys.push(key);
      return keys;
    };
    expect(await list(data.list("l/a"))).toEqual(["l/a/1", "l/a/2/3"]);
    expect(await list(data.list("l/a/"))).toEqual(["l/a/1", "l/a/2/3"]);
    expect(await list(data.list("l", { deep: false }))).toEqual(["l/a", "l/a5"]);
    expect(await list(everywhere.list(`${root}/l/a`))).toEqual([`${root}/l/a/1`, `${root}/l/a/2/3`]);
    expect(await list(data.list("nowhere"))).toEqual([]);
    const folders: string[] = [];
    for await (const name of data.folders("l")) folders.push(name);
    expect(folders).toEqual(["l/a/", "l/ab/"]);
  });

  test("large bodies go and come in parts: bytes, streams and files", async () => {
    const bytes = pattern(40 * MB + 5);
    const file = join(folder, "large");
    await writeFile(file, bytes);
    async function* chunks(): AsyncGenerator<Uint8Array> {
      // One memory for all chunks, as some readers have.
      const memory = Buffer.alloc(7 * MB + 1);
      for (let offset = 0; offset < bytes.length; offset += memory.length) {
        const chunk = bytes.subarray(offset, offset + memory.length);
        chunk.copy(memory);
        yield memory.subarray(0, chunk.length);
      }
    }
    const results = await Promise.all([data.put("large/bytes", bytes), data.put("large/stream", chunks()), data.upload("large/file", file)]);
    expect(results.map(({ size }) => size)).toEqual([bytes.length, bytes.length, bytes.length]);
    for (const key of ["large/bytes", "large/stream", "large/file"]) expect(bytes.equals((await data.get(key)).bytes), key).toBe(true);

    const copy = join(folder, "deep/copy");
    expect(await data.download("large/file", copy)).toMatchObject({ size: bytes.length, file: copy });
    expect((await readFile(copy)).equals(bytes)).toBe(true);
    let offset = 0;
    for await (const piece of data.stream("large/file")) {
      expect(bytes.subarray(offset, offset + piece.length).equals(piece)).toBe(true);
      offset += piece.length;
    }
    expect(offset).toBe(bytes.length);
  }, 60_000);

  test("parts of objects", async () => {
    const bytes = pattern(20 * MB);
    await data.put("part", bytes);
    const [head, middle, end, none] = await data.getMany([
      { key: "part", length: 10 },
      { key: "part", offset: 3, length: 17 * MB },
      { key: "part", offset: bytes.length - 4, length: 100 },
      { key: "part", offset: 5, length: 0 },
    ]);
    expect(bytes.subarray(0, 10).equals(head?.bytes ?? bytes)).toBe(true);
    expect(head?.size).toBe(bytes.length);
    expect(bytes.subarray(3, 3 + 17 * MB).equals(middle?.bytes ?? bytes)).toBe(true);
    expect(bytes.subarray(-4).equals(end?.bytes ?? bytes)).toBe(true);
    expect(none?.bytes).toHaveLength(0);
    await expect(data.get({ key: "part", offset: bytes.length + 1 })).rejects.toMatchObject({ code: "s3-range-outside" });
    await expect(data.get({ key: "part", offset: -1 })).rejects.toMatchObject({ code: "s3-range-malformed" });
  });

  test("an object that is there may stay", async () => {
    expect(await data.put("once", "first", { overwrite: false })).toMatchObject({ written: true });
    expect(await data.put("once", "second", { overwrite: false })).toMatchObject({ written: false });
    expect((await data.get("once")).text()).toBe("first");
    expect((await data.head("once")).metadata).toEqual({});
    expect(await data.put("once", "third")).toMatchObject({ written: true });
    expect((await data.get("once")).text()).toBe("third");
  });

  test("what is deleted is gone, what is beside it stays, and what is not there is passed over", async () => {
    await data.putMany(["d/one", "d/two", "d/ä b+c&<d>.txt", "d/stays", "dd/stays"].map((key) => ({ key, body: "." })));
    await data.delete("d/one");
    await data.delete("d/never/there");
    const told: Progress[] = [];
    await data.deleteMany(["d/two", `${root}/d/ä b+c&<d>.txt`, "d/two", "d/not/there"], { progress: (progress) => void told.push(progress) });
    expect(told.at(-1)).toEqual({ done: 3, total: 3, bytes: 0 });
    const left: string[] = [];
    for (const folder of ["d", "dd"]) for await (const { key } of data.list(folder)) left.push(key);
    expect(left).toEqual(["d/stays", "dd/stays"]);
    await data.deleteMany([]);
  });

  test("thousands are deleted at once", async () => {
    const keys = Array.from({ length: 2300 }, (_, index) => `thousands/${index}`);
    await data.putMany(keys.slice(900, 1200).map((key) => ({ key, body: "" })));
    const told: number[] = [];
    await data.deleteMany(keys, { progress: ({ done }) => void told.push(done) });
    expect(told.toSorted((a, b) => a - b)).toHaveLength(3);
    expect(told.at(-1)).toBe(2300);
    expect(await data.list("thousands").next()).toMatchObject({ done: true });
  });

  test("an object that is not there is an error, or undefined for those who say so", async () => {
    await data.put("there", "yes");
    await expect(data.get("not/there")).rejects.toMatchObject({ code: "s3-object-missing", message: `There is no object ${root}/not/there.` });
    await expect(data.getMany(["there", "not/there"])).rejects.toMatchObject({ code: "s3-object-missing" });
    const found = await data.getMany(["not/there", "there"], { missing: "undefined" });
    expect(found.map((object) => object?.text())).toEqual([undefined, "yes"]);
    expect(await data.head("not/there", { missing: "undefined" })).toBeUndefined();
    const file = join(folder, "absent/file");
    await expect(data.download("not/there", file)).rejects.toMatchObject({ code: "s3-object-missing" });
    expect(await data.download("not/there", file, { missing: "undefined" })).toBeUndefined();
    expect(await readdir(join(folder, "absent"))).toEqual([]);
  });

  test.each([
    ["no bucket", () => everywhere.get("s3://no-such-bucket-here/key"), "s3-bucket-missing"],
    ["no URL", () => everywhere.get("key"), "s3-key-malformed"],
    ["no key", () => everywhere.get(`s3://${bucket}/`), "s3-key-malformed"],
    ["an empty key", () => data.put("", "x"), "s3-key-malformed"],
    ["no bucket to delete in", () => everywhere.delete("s3://no-such-bucket-here/key"), "s3-bucket-missing"],
    ["nothing to delete", () => data.deleteMany(["there", ""]), "s3-key-malformed"],
    ["a slash before the key", () => data.get("/key"), "s3-key-malformed"],
    ["no root", () => Promise.resolve().then(() => s3({ root: "bucket/prefix" })), "s3-root-malformed"],
    ["no folder", async () => everywhere.list("somewhere").next(), "s3-key-malformed"],
    ["a folder of no bucket", async () => everywhere.list("s3://no-such-bucket-here/x").next(), "s3-bucket-missing"],
  ])("%s is said", async (_, work, code) => {
    await expect(work()).rejects.toMatchObject({ code, message: expect.stringMatching(/\.$/) });
  });

  test("a signal ends what is under way", async () => {
    const control = new AbortController();
    const keys = Array.from({ length: 200 }, (_, index) => ({ key: `aborted/${index}`, body: "x" }));
    const work = data.putMany(keys, { signal: control.signal, concurrency: 2, progress: ({ done }) => done === 3 && control.abort() });
    await expect(work).rejects.toMatchObject({ name: "AbortError" });
    let count = 0;
    for await (const _ of data.list("aborted")) count++;
    expect(count).toBeLessThan(10);
  });

  test("the first failure ends the others", async () => {
    const file = join(folder, "none");
    let done = 0;
    const requests = [
      { key: "fails/0", file },
      ...Array.from({ length: 100 }, (_, index) => ({ key: `fails/${index + 1}`, file: join(folder, "small") })),
    ];
    await writeFile(join(folder, "small"), "small");
    await expect(data.uploadMany(requests, { concurrency: 2, progress: (progress) => (done = progress.done) })).rejects.toMatchObject({
      code: "ENOENT",
    });
    expect(done).toBeLessThan(20);
  });

  test("a stream that breaks stores nothing", async () => {
    async function* breaks(): AsyncGenerator<Uint8Array> {
      yield pattern(33 * MB);
      throw new Error("the source is gone");
    }
    await expect(data.put("broken", breaks())).rejects.toThrow("the source is gone");
    expect(await data.head("broken", { missing: "undefined" })).toBeUndefined();
  });

  test("a file that shrinks while it is uploaded is no object", async () => {
    const file = join(folder, "shrinking");
    await writeFile(file, pattern(50 * MB));
    const work = data.uploadMany([{ key: "shrunk", file }], { progress: ({ bytes }) => bytes > 0 && void truncate(file, 20 * MB) });
    await work.catch(() => {});
    const head = await data.head("shrunk", { missing: "undefined" });
    expect(head === undefined || head.size === 50 * MB).toBe(true);
  });
});
