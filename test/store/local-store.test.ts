import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LocalStore } from "../../src/store/local-store.js";
import { storeError } from "../../src/store/store-error.js";
import { bundleScript, sourceFile } from "./bundled-script.js";
import { testObjectStore } from "./conformance.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

testObjectStore("local", async () => {
  const root = mkdtempSync(join(tmpdir(), "millrace-store-"));
  return {
    store: new LocalStore(join(root, "not", "made", "yet")),
    other: new LocalStore(join(root, "not", "made", "yet")),
    async [Symbol.asyncDispose]() {
      rmSync(root, { recursive: true, force: true });
    },
  };
});

describe("a folder as a store", () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "millrace-store-"));
  });

  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  test("an object is a file that other tools can read", async () => {
    const store = new LocalStore(root);
    await store.put("flows/Score/1/run.json", [bytes("{}")]);
    expect(readFileSync(join(root, "flows", "Score", "1", "run.json"), "utf8")).toBe("{}");
    expect(store.pathOf("flows/Score/1/run.json")).toBe(join(root, "flows", "Score", "1", "run.json"));
  });

  test("reading makes nothing", async () => {
    const store = new LocalStore(join(root, "absent"));
    await store.get("k");
    await store.stat("k");
    await store.listNames("flows/");
    expect(existsSync(join(root, "absent"))).toBe(false);
  });

  test("nothing is left under tmp, won or lost", async () => {
    const store = new LocalStore(root);
    await store.put("k", [bytes("1")]);
    await store.put("k", [bytes("2")], { ifAbsent: true });
    await store.put("new", [bytes("3")], { ifAbsent: true });
    store.tidy();
    expect(readdirSync(join(root, "tmp"))).toEqual([]);
    await store.put("again", [bytes("4")]);
    expect(await store.stat("again")).toBeDefined();
  });

  test("a store whose name ends in a slash lists the same keys", async () => {
    const store = new LocalStore(`${root}/`);
    await store.put("a/k", [bytes("x")]);
    const keys = [];
    for await (const { key } of store.list("a/")) keys.push(key);
    expect(keys).toEqual(["a/k"]);
    expect(store.location).toBe(root);
  });

  test("threads and processes that write the same object never make a mixture of it", async () => {
    const script = bundleScript(
      root,
      "writer",
      `import { parentPort, workerData } from "node:worker_threads";
       import { LocalStore } from ${JSON.stringify(sourceFile("store/local-store.ts"))};
       const store = new LocalStore(workerData.root);
       const chunk = new Uint8Array(300_000).fill(workerData.byte);
       for (let i = 0; i < 60; i++) {
         store.putSync("shared/k", [chunk, chunk]);
         const found = store.getSync("shared/k");
         if (found.length !== 600_000 || found.some((byte) => byte !== found[0])) parentPort.postMessage("a mixture");
       }
       parentPort.postMessage("done");`,
    );
    // Threads share a process number, as containers on one folder often do.
    const said = [1, 2, 3].map(async (byte) => {
      const writer = new Worker(script, { workerData: { root: join(root, "store"), byte } });
      const words: unknown[] = [];
      writer.on("message", (word) => words.push(word));
      await once(writer, "exit");
      return words;
    });
    expect(await Promise.all(said)).toEqual([["done"], ["done"], ["done"]]);
    new LocalStore(join(root, "store")).tidy();
    expect(readdirSync(join(root, "store", "tmp"))).toEqual([]);
  });

  test("a root that is a file is an error that names the path", () => {
    const file = join(root, "file");
    writeFileSync(file, "");
    const store = new LocalStore(file);
    expect(() => store.putSync("k", [bytes("x")])).toThrow(expect.objectContaining({ code: "datastore-io", message: expect.stringContaining(file) }));
  });

  test("a broken symbolic link is nothing; one to a folder elsewhere works", async () => {
    symlinkSync(join(root, "gone"), join(root, "broken"));
    mkdirSync(join(root, "elsewhere"));
    symlinkSync(join(root, "elsewhere"), join(root, "link"));
    expect(await new LocalStore(root).get("broken")).toBeUndefined();
    const store = new LocalStore(join(root, "link"));
    await store.put("a/k", [bytes("x")]);
    expect(readFileSync(join(root, "elsewhere", "a", "k"), "utf8")).toBe("x");
  });
});

describe("errors of the file system in words", () => {
  const error = (code: string): Error => Object.assign(new Error(`${code}: it failed`), { code });

  test.each([
    ["ENOSPC", "datastore-full"],
    ["EDQUOT", "datastore-full"],
    ["EACCES", "datastore-denied"],
    ["EPERM", "datastore-denied"],
    ["EROFS", "datastore-denied"],
    ["EIO", "datastore-io"],
    ["ENOTDIR", "datastore-io"],
  ])("%s is %s", (code, expected) => {
    const cause = error(code);
    const told = storeError("write", "/data/k", cause);
    expect(told).toMatchObject({ code: expected, cause });
    expect(told.message).toContain("/data/k");
    expect(told.message).toContain(code);
    expect(told.hint).not.toBe("");
  });

  test("anything else that is thrown is told as it is", () => {
    expect(storeError("read", "/data/k", "odd").message).toContain("odd");
  });
});
