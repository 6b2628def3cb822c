import { hostname } from "node:os";
import { describe, expect, test } from "vitest";
import type { ArtifactRef } from "../../../src/core/artifact-ref.js";
import { LAYOUT_VERSION } from "../../../src/core/records.js";
import { ArtifactReader } from "../../../src/datastore/artifacts/artifact-reader.js";
import { ArtifactWriter } from "../../../src/datastore/artifacts/artifact-writer.js";
import { runKey } from "../../../src/datastore/layout.js";
import type { RunStore } from "../../../src/datastore/run-store.js";
import { sampleAttempt, sampleRun } from "../sample-records.js";
import { HOUR, valueOf, World } from "./world.js";

/** A spin of the run's middle step, by hand: what it was given and what it set are in blobs of their own. */
async function spin(world: World, run: string): Promise<{ readonly spin: RunStore; readonly refs: readonly ArtifactRef[] }> {
  const writer = new ArtifactWriter(world.store);
  const [code, parameter, given, item, set] = [100, 101, 102, 103, 104].map((number) => writer.write(valueOf(number), "value"));
  if (code === undefined || parameter === undefined || given === undefined || item === undefined || set === undefined) throw new Error("no refs");
  const spun = await world.datastore.createSpin(
    (id) =>
      sampleRun({
        run: id,
        startedAt: Date.now(),
        host: hostname(),
        pid: process.pid,
        code: { ...sampleRun().code, package: code },
        parameters: { parameter },
        origin: { run },
        spin: { task: "middle/0", code: "today", handedOn: { [`${run}:start/0`]: { start: given } }, item },
      }),
    "Score",
    run,
  );
  const record = sampleAttempt({
    flow: "Score",
    run: spun.id,
    step: "middle",
    parents: [`${run}:start/0`],
    artifacts: { middle: set },
    inherited: {},
  });
  await spun.writeAttempt(record, JSON.stringify(record));
  return { spin: spun, refs: [code, parameter, given, item, set] };
}

async function end(run: RunStore): Promise<void> {
  await run.writeResult({ format: LAYOUT_VERSION, status: "done", finishedAt: Date.now(), counts: { done: 1, failed: 0, reused: 0 }, failed: [] });
}

describe("a clean-up and spins", () => {
  test("a spin of a kept run keeps all it refers to, also in runs that were dropped", async () => {
    const world = new World();
    await world.run([1, 2, 3]);
    await world.run([1, 8, 9], { run: "1", reuse: 1 });
    const { spin: spun, refs } = await spin(world, "2");
    await end(spun);
    await world.store.age(5 * HOUR);
    await world.gc({ flow: "Score", run: "1" });
    expect(await world.visible()).toEqual(["2"]);
    const reader = new ArtifactReader(world.store);
    expect(refs.map((ref) => reader.read(ref, "value"))).toEqual([100, 101, 102, 103, 104].map(valueOf));
    expect((await world.datastore.openRun("Score", "2-spin-1")).record).toEqual(spun.record);
    await world.requireReadable();
  });

  test("it goes with its run", async () => {
    const world = new World();
    await world.run([1, 2, 3]);
    const before = await world.blobs();
    await world.run([1, 2, 3]);
    await end((await spin(world, "2")).spin);
    await world.store.age(5 * HOUR);
    await world.gc({ flow: "Score", run: "2" });
    expect(await world.blobs()).toEqual(before);
    expect(await world.objectsOf("2")).toEqual([runKey("Score", "2")]);
    await expect(world.datastore.openRun("Score", "2-spin-1")).rejects.toMatchObject({ code: "run-unknown" });
  });

  test("of a run that is out of sight, and kept for another one, a spin is out of sight too", async () => {
    const world = new World();
    await world.run([1, 2, 3]);
    await end((await spin(world, "1")).spin);
    await world.run([1, 8, 9], { run: "1", reuse: 2 });
    await world.store.age(5 * HOUR);
    await world.gc({ flow: "Score", run: "1" });
    await expect(world.datastore.openRun("Score", "1-spin-1")).rejects.toMatchObject({ code: "run-unknown" });
    await world.requireReadable();
  });

  test("a run stays while a spin of it is at work", async () => {
    const world = new World();
    await world.run([1, 2, 3]);
    await spin(world, "1");
    const { busy, dropped } = await world.gc({ keep: 0 });
    expect(busy.map(({ pathspec }) => pathspec)).toEqual(["Score/1"]);
    expect(dropped).toEqual([]);
  });

  test("blobs stay when a spin's record is damaged", async () => {
    const world = new World();
    await world.run([1, 2, 3]);
    const { spin: spun } = await spin(world, "1");
    await world.store.put(runKey("Score", spun.id), [Buffer.from("{}\n00000000\n")]);
    await world.store.age(5 * HOUR);
    const { damaged, blobsLeftAlone } = await world.gc();
    expect(blobsLeftAlone).toBe(true);
    expect(damaged.map((error) => error.message)).toEqual([expect.stringContaining("Score/1-spin-1")]);
  });
});
