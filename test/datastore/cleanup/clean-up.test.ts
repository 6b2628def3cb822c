import { hostname } from "node:os";
import { describe, expect, test } from "vitest";
import { LAYOUT_VERSION } from "../../../src/core/records.js";
import type { RemoteArchive } from "../../../src/core/remote-job.js";
import { encodeRecord } from "../../../src/datastore/record-file.js";
import { claimKey, reusedKey, runKey } from "../../../src/datastore/layout.js";
import type { RunStore } from "../../../src/datastore/run-store.js";
import { writeTags } from "../../../src/datastore/run-tags.js";
import { sampleRun } from "../sample-records.js";
import { HOUR, World } from "./world.js";

/** A world in which nothing is young any more. */
async function oldWorld(...runs: readonly (readonly number[])[]): Promise<World> {
  const world = new World();
  for (const values of runs) await world.run(values);
  await world.store.age(5 * HOUR);
  return world;
}

describe("a clean-up", () => {
  test("without criteria drops no run, and no data that one refers to", async () => {
    const world = await oldWorld([1, 2, 3], [4, 5, 6]);
    const before = await world.blobs();
    expect(await world.gc()).toMatchObject({ dropped: [], unused: { count: 0, bytes: 0 }, recent: { count: 0 }, damaged: [] });
    expect(await world.blobs()).toEqual(before);
    await world.requireReadable();
  });

  test("drops a run with all its objects, and the blobs that no other refers to", async () => {
    const world = await oldWorld([1, 2, 3]);
    const shared = await world.blobs();
    await world.run([1, 7, 3]);
    await world.store.age(5 * HOUR);
    const report = await world.gc({ flow: "Score", run: "2" });
    expect(report.dropped.map(({ run, keptFor }) => [run.pathspec, keptFor])).toEqual([["Score/2", []]]);
    expect(report.unused.count).toBeGreaterThan(10);
    expect(await world.blobs()).toEqual(shared);
    expect(await world.visible()).toEqual(["1"]);
    expect(await world.objectsOf("2")).toEqual([runKey("Score", "2")]);
    await expect(world.datastore.openRun("Score", "2")).rejects.toThrow(expect.objectContaining({ code: "run-unknown" }));
    await world.requireReadable();
  });

  test("keeps the archives of code that a run sent to other machines, of all its steps, and drops them with it", async () => {
    const world = await oldWorld([1, 2, 3]);
    const shared = await world.blobs();
    const archive = (letter: string): RemoteArchive => ({
      key: `blobs/${letter}${letter}/${letter.repeat(64)}.br`,
      sha256: letter.repeat(64),
      bytes: 4,
      compression: "br",
    });
    const [runtime, ofStep] = [archive("a"), archive("b")];
    for (const { key } of [runtime, ofStep, archive("c")]) await world.store.put(key, [Buffer.from("code")]);
    const { code } = sampleRun();
    const remote = {
      archives: [runtime],
      stepArchives: { middle: [ofStep] },
      bundle: ".flow/flow.mjs",
      exportName: "default",
      project: ".",
      cwd: ".",
    };
    const run = await world.datastore.createRun((id) => sampleRun({ run: id, code: { ...code, remote } }), "Score");
    await run.writeResult({ format: LAYOUT_VERSION, status: "done", finishedAt: 2, counts: { done: 0, failed: 0, reused: 0 }, failed: [] });
    await world.store.age(5 * HOUR);
    expect((await world.gc()).unused.count).toBe(1);
    expect((await world.blobs()).toSorted()).toEqual([...shared, runtime.key, ofStep.key].toSorted());
    await world.gc({ flow: "Score", run: run.id });
    expect(await world.blobs()).toEqual(shared);
  });

  test("that is dry tells the same and changes nothing", async () => {
    const world = await oldWorld([1, 2, 3], [4, 5, 6]);
    const before = await world.blobs();
    const dry = await world.gc({ keep: 1 }, true);
    expect(await world.blobs()).toEqual(before);
    expect(await world.visible()).toEqual(["2", "1"]);
    const real = await world.gc({ keep: 1 });
    expect(dry.unused).toEqual(real.unused);
    expect(dry.dropped.map(({ run, size }) => [run.pathspec, size])).toEqual(real.dropped.map(({ run, size }) => [run.pathspec, size]));
    expect(real.dropped).toHaveLength(1);
  });

  test("leaves what is young, and takes it once it is old", async () => {
    const world = new World();
    await world.run([1, 2, 3]);
    const { unused, recent } = await world.gc({ keep: 0 });
    expect(unused.count).toBe(0);
    expect(recent.count).toBe((await world.blobs()).length);
    await world.store.age(2 * HOUR);
    await world.gc();
    expect(await world.blobs()).toEqual([]);
  });

  test("a dropped run's id is not taken again, not even that of the newest", async () => {
    const world = await oldWorld([1, 2, 3], [4, 5, 6]);
    await world.gc({ keep: 0 });
    expect(await world.visible()).toEqual([]);
    expect(await world.run([1, 1, 1])).toBe("3");
    expect((await world.datastore.openRun("Score", "latest")).id).toBe("3");
  });

  test("of a run that a kept one goes on from, what that refers to stays, out of sight", async () => {
    const world = await oldWorld([1, 2, 3]);
    await world.run([1, 8, 9], { run: "1", reuse: 1 });
    await world.run([1, 8, 7], { run: "2", reuse: 2 });
    await world.store.age(5 * HOUR);
    const report = await world.gc({ keep: 1 });
    expect(report.dropped.map(({ run, keptFor }) => [run.pathspec, keptFor])).toEqual([
      ["Score/2", ["Score/3"]],
      ["Score/1", ["Score/3"]],
    ]);
    // What the first run's middle and end stored, nobody sees any more.
    expect(report.unused.count).toBeGreaterThan(10);
    expect(await world.visible()).toEqual(["3"]);
    await world.requireReadable();
    // A run that goes on from the kept one takes the same over.
    expect(await world.run([0, 0, 5], { run: "3", reuse: 2 })).toBe("4");
    await world.requireReadable();
    await world.gc({ keep: 0 });
    expect(await world.objectsOf("1")).toEqual([runKey("Score", "1")]);
    await world.store.age(5 * HOUR);
    await world.gc();
    expect(await world.blobs()).toEqual([]);
  });

  test("when it is not known what a resumed run took over, all that its origin has stays", async () => {
    const world = await oldWorld([1, 2, 3]);
    await world.run([1, 8, 9], { run: "1", reuse: 2 });
    await world.store.put(reusedKey("Score", "2"), [Buffer.from("half")]);
    await world.store.age(5 * HOUR);
    const report = await world.gc({ flow: "Score", run: "1" });
    expect(report.dropped[0]?.keptFor).toEqual(["Score/2"]);
    expect(report.unused.count).toBe(0);
    expect(report.damaged.map(({ message }) => message)).toEqual([expect.stringContaining("what Score/2 reuses")]);
  });

  test("leaves runs at work alone, and what is stored since they began", async () => {
    const world = await oldWorld([1, 2, 3]);
    await world.datastore.createRun((id) => sampleRun({ run: id, startedAt: Date.now() - 3 * HOUR, host: hostname(), pid: process.pid }), "Score");
    // Nobody refers to it yet, and it is four hours old: the run may have stored it for a task that ends later.
    await world.store.put("blobs/aa/aa", [Buffer.from("x")]);
    await world.store.age(3.5 * HOUR);
    await world.store.put("blobs/bb/bb", [Buffer.from("x")]);
    const report = await world.gc({ keep: 0 });
    expect(report.busy.map(({ pathspec }) => pathspec)).toEqual(["Score/2"]);
    expect(report.dropped.map(({ run }) => run.pathspec)).toEqual(["Score/1"]);
    expect(await world.blobs()).toEqual(["blobs/aa/aa", "blobs/bb/bb"]);
  });

  test("takes a run whose process is gone from this machine for lost, and one elsewhere only after a day", async () => {
    const world = new World();
    const lost = async (host: string, hours: number): Promise<void> => {
      await world.datastore.createRun((id) => sampleRun({ run: id, startedAt: Date.now() - hours * HOUR, host, pid: 2 ** 22 + 1 }), "Score");
    };
    await lost(hostname(), 1);
    await lost("elsewhere", 1);
    await lost("elsewhere", 25);
    const report = await world.gc({ statuses: ["lost"] });
    expect(report.dropped.map(({ run }) => run.id)).toEqual(["3", "1"]);
    expect(report.busy.map(({ id }) => id)).toEqual(["2"]);
  });

  test("chooses runs that meet all that is said", async () => {
    const world = new World();
    const make = (tags: readonly string[], hours: number): Promise<RunStore> =>
      world.datastore.createRun(
        (id) => sampleRun({ run: id, tags, startedAt: Date.now() - hours * HOUR, host: hostname(), pid: 2 ** 22 + 1 }),
        "Score",
      );
    await make(["a"], 9);
    await make(["a", "b"], 8);
    await make(["b"], 7);
    await make(["a"], 6);
    const chosen = async (criteria: Parameters<World["gc"]>[0]): Promise<readonly string[]> =>
      (await world.gc(criteria, true)).dropped.map(({ run }) => run.id);
    expect(await chosen({ tags: ["a"] })).toEqual(["4", "2", "1"]);
    expect(await chosen({ tags: ["a", "b"] })).toEqual(["2"]);
    expect(await chosen({ tags: ["a"], withoutTags: ["b"] })).toEqual(["4", "1"]);
    expect(await chosen({ tags: ["a"], keep: 1 })).toEqual(["2", "1"]);
    expect(await chosen({ olderThanMs: 7.5 * HOUR })).toEqual(["2", "1"]);
    expect(await chosen({ olderThanMs: 7.5 * HOUR, withoutTags: ["b"] })).toEqual(["1"]);
    expect(await chosen({ flow: "Other", keep: 0 })).toEqual([]);
    expect(await chosen({ tags: ["user:somebody"], keep: 3 })).toEqual(["1"]);
    expect(await chosen({ statuses: ["done"] })).toEqual([]);
    // Naming a flow says where to look, not what to drop.
    expect(await chosen({ flow: "Score" })).toEqual([]);
  });

  test("keeps all blobs while the record of a run is damaged, and drops that run when it is named", async () => {
    const world = await oldWorld([1, 2, 3], [4, 5, 6]);
    const before = await world.blobs();
    await world.store.put(runKey("Score", "1"), [Buffer.from("{")]);
    const report = await world.gc({ keep: 0 });
    expect(report.blobsLeftAlone).toBe(true);
    expect(report.damaged.map(({ message }) => message)).toEqual([expect.stringContaining("Score/1")]);
    expect(await world.blobs()).toEqual(before);
    expect((await world.gc({ flow: "Score", run: "1" })).dropped.map(({ run }) => run.pathspec)).toEqual(["Score/1"]);
    expect(await world.blobs()).toEqual([]);
  });

  test("removes what killed processes left half-written, when it is old", async () => {
    const world = new World();
    await world.store.put("tmp/dead/0", [Buffer.from("half")]);
    await world.store.age(2 * HOUR);
    await world.store.put("tmp/alive/0", [Buffer.from("half")]);
    expect((await world.gc()).temporary).toEqual({ count: 1, bytes: 4 });
    expect(await world.store.listNames("tmp/")).toEqual(["alive/"]);
  });

  test("gives way to another one at work, and not to one that was killed", async () => {
    const world = await oldWorld([1, 2, 3]);
    const note = (rest: object): Promise<boolean> =>
      world.store.put(claimKey("other"), [
        encodeRecord(JSON.stringify({ format: LAYOUT_VERSION, host: "elsewhere", pid: 7, renewedAt: Date.now(), ...rest })),
      ]);
    await note({});
    await expect(world.gc({ keep: 0 })).rejects.toThrow(
      expect.objectContaining({ code: "gc-running", message: expect.stringContaining("process 7") }),
    );
    expect(await world.visible()).toEqual(["1"]);
    expect(await world.store.listNames("gc/")).toEqual(["other.json"]);
    await note({ renewedAt: Date.now() - 2 * HOUR });
    await world.gc();
    await note({ host: hostname(), pid: 2 ** 22 + 1 });
    await world.gc({ keep: 0 });
    expect(await world.visible()).toEqual([]);
    expect(await world.store.listNames("gc/")).toEqual([]);
  });

  test("a tag that is added at that moment keeps the run, or is told that it is too late", async () => {
    const world = await oldWorld([1, 2, 3]);
    const run = await world.datastore.openRun("Score", "1");
    await run.writeDropped({ at: Date.now(), tagEdit: 0, spins: 0, final: false });
    const edit = writeTags(run, { edit: { add: ["keep"], remove: [] }, user: "ada", now: Date.now() });
    await expect(edit).rejects.toThrow(expect.objectContaining({ code: "run-dropped" }));
    // The clean-up that marked it was killed there; the next sees that somebody wants the run.
    await world.gc();
    expect(await world.visible()).toEqual(["1"]);
    await world.requireReadable();
  });
});
