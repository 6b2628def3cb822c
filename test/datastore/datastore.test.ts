import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LAYOUT_VERSION } from "../../src/core/records.js";
import { Datastore } from "../../src/datastore/datastore.js";
import { layoutKey, runKey } from "../../src/datastore/layout.js";
import { LocalStore } from "../../src/store/local-store.js";
import { MemoryStore } from "../../src/store/memory-store.js";
import { bundleScript, sourceFile } from "../store/bundled-script.js";
import { sampleRun } from "./sample-records.js";

const create = (datastore: Datastore, flow = "Score") => datastore.createRun((run) => sampleRun({ flow, run }), flow);

describe("run ids", () => {
  test("count from 1, by flow", async () => {
    const datastore = new Datastore(new MemoryStore());
    const ids = [];
    for (const flow of ["Score", "Score", "Train", "Score"]) ids.push((await create(datastore, flow)).pathspec);
    expect(ids).toEqual(["Score/1", "Score/2", "Train/1", "Score/3"]);
  });

  test("go on after the newest, as numbers, also when older runs are gone", async () => {
    const store = new MemoryStore();
    const datastore = new Datastore(store);
    for (let index = 0; index < 11; index++) await create(datastore);
    await store.delete(runKey("Score", "3"));
    expect((await create(datastore)).id).toBe("12");
    expect((await datastore.runIds("Score")).slice(0, 3)).toEqual(["12", "11", "10"]);
  });

  test("an id whose start was cut off is not taken again", async () => {
    const store = new MemoryStore();
    const datastore = new Datastore(store);
    await create(datastore);
    await store.put("flows/Score/2/output", [Buffer.from("")]);
    expect((await create(datastore)).id).toBe("3");
    expect((await datastore.openRun("Score", "latest")).id).toBe("3");
  });

  test("each record is made for the id that is taken", async () => {
    const datastore = new Datastore(new MemoryStore());
    await create(datastore);
    const run = await create(datastore);
    expect(run.record.run).toBe("2");
    expect((await datastore.openRun("Score", "2")).record).toEqual(run.record);
  });

  test("starts at the same moment get different ids: in one process", async () => {
    const store = new MemoryStore();
    const runs = await Promise.all(Array.from({ length: 30 }, () => create(new Datastore(store))));
    expect(new Set(runs.map(({ id }) => id)).size).toBe(30);
  });

  test("starts at the same moment get different ids: in several processes", async () => {
    const folder = mkdtempSync(join(tmpdir(), "millrace-ids-"));
    try {
      const script = bundleScript(
        folder,
        "creator",
        `import { Datastore } from ${JSON.stringify(sourceFile("datastore/datastore.ts"))};
         import { LocalStore } from ${JSON.stringify(sourceFile("store/local-store.ts"))};
         const datastore = new Datastore(new LocalStore(${JSON.stringify(join(folder, "store"))}));
         process.once("message", async () => {
           const ids = [];
           for (let i = 0; i < 25; i++) {
             const run = await datastore.createRun((id) => ({ format: 1, flow: "Score", run: id, pid: process.pid }), "Score");
             ids.push(run.id);
           }
           process.send(ids, () => process.disconnect());
         });
         process.send("ready");`,
      );
      const children = Array.from({ length: 4 }, () => fork(script, { execArgv: [], stdio: "ignore" }));
      await Promise.all(children.map((child) => once(child, "message")));
      const answers = children.map((child) => once(child, "message"));
      for (const child of children) child.send("go");
      const created = (await Promise.all(answers)).map(([ids]) => ids as readonly string[]);
      await Promise.all(children.map((child) => (child.exitCode === null ? once(child, "exit") : Promise.resolve([]))));
      const datastore = new Datastore(new LocalStore(join(folder, "store")));
      expect(
        created
          .flat()
          .map(Number)
          .toSorted((a, b) => a - b),
      ).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
      for (const [index, ids] of created.entries()) {
        for (const id of ids) expect((await datastore.openRun("Score", id)).record.pid).toBe(children[index]?.pid);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("finding runs", () => {
  test("flows are sorted, runs newest first, both empty at first", async () => {
    const datastore = new Datastore(new MemoryStore());
    expect(await datastore.flows()).toEqual([]);
    expect(await datastore.runIds("Score")).toEqual([]);
    expect(await datastore.latestRun("Score")).toBeUndefined();
    for (const flow of ["Train", "Score", "Score"]) await create(datastore, flow);
    expect(await datastore.flows()).toEqual(["Score", "Train"]);
    expect(await datastore.runIds("Score")).toEqual(["2", "1"]);
    expect((await datastore.latestRun("Score"))?.pathspec).toBe("Score/2");
  });

  test("a flow that is not there: the nearest name", async () => {
    const datastore = new Datastore(new MemoryStore());
    await create(datastore);
    await expect(datastore.openRun("Scroe", "1")).rejects.toMatchObject({
      code: "flow-unknown",
      hint: expect.stringContaining("Did you mean Score?"),
    });
    await expect(datastore.openRun("Other", "latest")).rejects.toMatchObject({ code: "flow-unknown" });
  });

  test("a run that is not there: the newest", async () => {
    const datastore = new Datastore(new MemoryStore());
    await create(datastore);
    await create(datastore);
    await expect(datastore.openRun("Score", "7")).rejects.toMatchObject({ code: "run-unknown", hint: expect.stringContaining("Score/2") });
  });

  test("reading makes nothing", async () => {
    const store = new MemoryStore();
    const datastore = new Datastore(store);
    await datastore.flows();
    await datastore.openRun("Score", "1").catch(() => {});
    expect(await store.listNames("")).toEqual([]);
  });
});

describe("a store that may take no notice of ifAbsent", () => {
  /** Some services behind a network: nobody has seen yet whether they keep to it. */
  class Doubtful extends MemoryStore {
    doubtsIfAbsent(): Promise<boolean> {
      return Promise.resolve(true);
    }
    conditionalPuts: string[] = [];
    override async put(...[key, chunks, options]: Parameters<MemoryStore["put"]>): Promise<boolean> {
      if (options?.ifAbsent === true) this.conditionalPuts.push(key);
      return super.put(key, chunks, options);
    }
  }
  class Ignoring extends Doubtful {
    override async put(...[key, chunks]: Parameters<MemoryStore["put"]>): Promise<boolean> {
      return super.put(key, chunks);
    }
  }
  /** It looks first and writes then: two at once both find nothing. */
  class Racing extends Doubtful {
    override async put(...[key, chunks, options]: Parameters<MemoryStore["put"]>): Promise<boolean> {
      if (options?.ifAbsent === true && (await this.stat(key)) !== undefined) return false;
      await new Promise((resolve) => setImmediate(resolve));
      return super.put(key, chunks);
    }
  }

  test.each([
    ["overwrites", new Ignoring()],
    ["looks and writes apart", new Racing()],
  ])("is found out before a new datastore's first run when it %s", async (_, store) => {
    await expect(create(new Datastore(store))).rejects.toMatchObject({ code: "s3-conditions-missing" });
    expect(await store.listNames("flows/")).toEqual([]);
  });

  test("is found out where there are runs already, and leaves them as they are", async () => {
    const store = new Ignoring();
    await store.put(layoutKey, [Buffer.from(`{"layout":${LAYOUT_VERSION}}`)]);
    await store.put(runKey("Score", "1"), [Buffer.from("as it was")]);
    await expect(create(new Datastore(store))).rejects.toMatchObject({ code: "s3-conditions-missing" });
    expect(Buffer.from((await store.get(runKey("Score", "1"))) ?? []).toString()).toBe("as it was");
    expect(await store.listNames("flows/Score/")).toEqual(["1/"]);
  });

  test("is tried once where it keeps to it", async () => {
    const store = new Doubtful();
    const datastore = new Datastore(store);
    const ids = [await create(datastore), await create(datastore)].map(({ id }) => id);
    expect(ids).toEqual(["1", "2"]);
    expect(store.conditionalPuts.filter((key) => key === layoutKey)).toHaveLength(3);
    expect((await create(new Datastore(store))).id).toBe("3");
    expect(store.conditionalPuts.filter((key) => key === layoutKey)).toHaveLength(4);
  });
});

describe("the layout", () => {
  test("is written with the first run", async () => {
    const store = new MemoryStore();
    await create(new Datastore(store));
    expect(Buffer.from((await store.get(layoutKey)) ?? []).toString()).toBe(`{"layout":${LAYOUT_VERSION}}\n`);
  });

  test.each([
    ['{"layout":2}', "2"],
    ['{"layout":"new"}', "new"],
    ["{}", "{}"],
    ["", "“”"],
    ["garbage", "garbage"],
  ])("another one (%s) is an error that names it, for readers and writers", async (text, found) => {
    const store = new MemoryStore();
    await store.put(layoutKey, [Buffer.from(text)]);
    const unknown = { code: "layout-unknown", message: expect.stringContaining(found) };
    await expect(new Datastore(store).flows()).rejects.toMatchObject(unknown);
    await expect(new Datastore(store).openRun("Score", "1")).rejects.toMatchObject(unknown);
    await expect(new Datastore(store).latestRun("Score")).rejects.toMatchObject(unknown);
    await expect(create(new Datastore(store))).rejects.toMatchObject(unknown);
  });
});
