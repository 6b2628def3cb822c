import { hostname } from "node:os";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isInline, type ArtifactRef } from "../../../src/core/artifact-ref.js";
import { isMillraceError } from "../../../src/core/errors/millrace-error.js";
import { ArtifactReader } from "../../../src/datastore/artifacts/artifact-reader.js";
import { ArtifactWriter } from "../../../src/datastore/artifacts/artifact-writer.js";
import { cleanUp } from "../../../src/datastore/cleanup/clean-up.js";
import { writeTags } from "../../../src/datastore/run-tags.js";
import { sampleRun } from "../sample-records.js";
import { HOUR, valueOf, World } from "./world.js";

/** Values that runs store: few, so that they find each other's blobs. */
const arbitraryValues = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 3, maxLength: 3 });

/** Every call of the store waits until the test's scheduler lets it go. */
function interleave(world: World, scheduler: fc.Scheduler): void {
  world.store.pause = (call) => scheduler.schedule(Promise.resolve(), call);
}

async function settle(world: World, scheduler: fc.Scheduler, work: readonly Promise<unknown>[]): Promise<void> {
  await scheduler.waitFor(Promise.all(work));
  world.store.pause = () => Promise.resolve();
}

test("runs that store what a clean-up is about to delete lose nothing, in whatever order things happen", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(arbitraryValues, { minLength: 1, maxLength: 2 }), fc.boolean(), async (scheduler, writers, remote) => {
      const world = new World({ remote });
      await world.run([1, 2, 3]);
      await world.run([2, 3, 1]);
      await world.store.age(5 * HOUR);
      interleave(world, scheduler);
      await settle(world, scheduler, [world.gc({ keep: 0, olderThanMs: -1 }), ...writers.map((values) => world.run(values))]);
      await world.requireReadable();
      // And nothing is left over for good.
      await world.gc({ keep: 0 });
      await world.store.age(5 * HOUR);
      await world.gc();
      expect(await world.blobs()).toEqual([]);
      expect(await world.store.listNames("gc/")).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test("a resume that begins as its origin is dropped has all that it took over, or says that the origin is gone", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 2 }), async (scheduler, reuse) => {
      const world = new World();
      await world.run([1, 2, 3]);
      await world.run([1, 3, 2], { run: "1", reuse: 1 });
      await world.store.age(5 * HOUR);
      interleave(world, scheduler);
      const resume = world.run([3, 3, 3], { run: "2", reuse }).catch((error: unknown) => {
        if (!isMillraceError(error, "run-unknown")) throw error;
        return undefined;
      });
      await settle(world, scheduler, [world.gc({ keep: 0 }), resume]);
      await world.requireReadable();
    }),
    { numRuns: 100 },
  );
});

test.each([
  // Before the mark, a resume makes its origin needed; after it, the origin is gone.
  ["put flows/Score/1/run.json", "2"],
  ["list flows/Score/1/", undefined],
])("a resume at “%s” ends as run %s", async (moment, expected) => {
  const world = new World();
  await world.run([1, 2, 3]);
  await world.store.age(5 * HOUR);
  let resumed: string | undefined;
  world.store.pause = async (call) => {
    if (call !== moment) return;
    world.store.pause = () => Promise.resolve();
    resumed = await world.run([3, 3, 3], { run: "1", reuse: 2 }).catch((error: unknown) => {
      if (!isMillraceError(error, "run-unknown")) throw error;
      return undefined;
    });
  };
  await world.gc({ flow: "Score", run: "1" });
  expect(resumed).toBe(expected);
  await world.requireReadable();
});

test("a tag that was added without an error is there, and so is its run", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const world = new World();
      await world.run([1, 2, 3]);
      await world.store.age(5 * HOUR);
      const run = await world.datastore.openRun("Score", "1");
      interleave(world, scheduler);
      const tagging = writeTags(run, { edit: { add: ["keep"], remove: [] }, user: "ada", now: Date.now() }).then(
        () => true,
        (error: unknown) => {
          if (!isMillraceError(error, "run-dropped")) throw error;
          return false;
        },
      );
      await settle(world, scheduler, [world.gc({ withoutTags: ["keep"] }), tagging]);
      if (!(await tagging)) return;
      expect(await world.visible()).toEqual(["1"]);
      expect(await (await world.datastore.openRun("Score", "1")).tags()).toEqual(["keep"]);
      await world.requireReadable();
    }),
    { numRuns: 100 },
  );
});

test("a spin that began has its run, or is told that it is gone", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const world = new World();
      await world.run([1, 2, 3]);
      await world.store.age(5 * HOUR);
      const { record } = await world.datastore.openRun("Score", "1");
      interleave(world, scheduler);
      const spinning = world.datastore
        .createSpin((id) => ({ ...record, run: id, origin: { run: "1" } }), "Score", "1")
        .then(
          () => true,
          (error: unknown) => {
            if (!isMillraceError(error, "run-dropped")) throw error;
            return false;
          },
        );
      await settle(world, scheduler, [world.gc({ keep: 0 }), spinning]);
      if (!(await spinning)) return;
      expect(await world.visible()).toEqual(["1"]);
      await world.requireReadable();
    }),
    { numRuns: 100 },
  );
});

test("of two clean-ups at once at most one works, and together they lose nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), arbitraryValues, async (scheduler, values) => {
      const world = new World();
      await world.run([1, 2, 3]);
      await world.store.age(5 * HOUR);
      interleave(world, scheduler);
      const cleanUp = (): Promise<boolean> =>
        world.gc({ keep: 0 }).then(
          () => true,
          (error: unknown) => {
            if (!isMillraceError(error, "gc-running")) throw error;
            return false;
          },
        );
      await settle(world, scheduler, [cleanUp(), cleanUp(), world.run(values)]);
      await world.requireReadable();
    }),
    { numRuns: 40 },
  );
});

test("a clean-up that is killed at any moment has lost nothing, and the next one goes on from there", async () => {
  class Killed extends Error {}
  const make = async (): Promise<World> => {
    const world = new World();
    await world.run([1, 2, 3]);
    await world.run([1, 4, 5], { run: "1", reuse: 1 });
    await world.run([6, 6, 6]);
    await world.store.age(5 * HOUR);
    return world;
  };
  const whole = await make();
  await whole.gc({ keep: 1 });
  for (let calls = 0, ended = false; !ended; calls += 3) {
    const world = await make();
    let left = calls;
    let dead = false;
    world.store.pause = (call) => {
      // Reading does no harm; each change may be the last.
      if (!/^(?:put|delete)/.test(call)) return Promise.resolve();
      dead ||= left-- <= 0;
      return dead ? Promise.reject(new Killed()) : Promise.resolve();
    };
    ended = await world.gc({ keep: 1 }).then(
      () => true,
      (error: unknown) => {
        if (!(error instanceof Killed) && !(error instanceof Error && error.name === "SuppressedError")) throw error;
        return false;
      },
    );
    world.store.pause = () => Promise.resolve();
    await world.requireReadable();
    for (const id of ["1", "2"]) {
      // In sight and whole, or out of sight.
      if (!(await world.visible()).includes(id)) await expect(world.datastore.openRun("Score", id)).rejects.toThrow(`no run ${id}`);
    }
    // Its note is this process's, which lives: as one of a process that was killed.
    await forgetClaims(world);
    await world.gc({ keep: 1 });
    expect(await world.blobs()).toEqual(await whole.blobs());
    expect(await world.visible()).toEqual(["3"]);
    expect(await world.objectsOf("1")).toEqual(await whole.objectsOf("1"));
    await world.requireReadable();
  }
});

test.each(["put gc/condemned/", "stat blobs/", "delete blobs/", "delete gc/condemned/"])(
  "who stores a blob right before a clean-up's “%s” of it has it afterwards",
  async (moment) => {
    const world = new World();
    const value = valueOf(7);
    const old = await new ArtifactWriter(world.store).writeAsync(value, "value");
    if (isInline(old)) return expect.fail("it should be a blob");
    const folder = (old.parts[0]?.hash ?? "").slice(0, 2);
    await world.store.age(5 * HOUR);
    let stored: ArtifactRef | undefined;
    world.store.pause = async (call) => {
      if (!call.startsWith(`${moment}${folder}`)) return;
      world.store.pause = () => Promise.resolve();
      stored = await new ArtifactWriter(world.store).writeAsync(value, "value");
    };
    await world.gc();
    if (stored === undefined) return expect.fail("the clean-up never came there");
    expect(await new ArtifactReader(world.store).load(stored, "value")).toBe(value);
    // Another one that comes later finds it as well.
    const again = await new ArtifactWriter(world.store).writeAsync(value, "value");
    expect(await new ArtifactReader(world.store).load(again, "value")).toBe(value);
  },
);

/** Forgets the notes of clean-ups at work: those of this process, which lives, as if they were of one that was killed. */
async function forgetClaims({ store }: World): Promise<void> {
  for (const name of await store.listNames("gc/")) if (!name.endsWith("/")) await store.delete(`gc/${name}`);
}

test("a deletion of a clean-up that was killed may arrive late: nobody refers to what it takes", async () => {
  const world = new World({ remote: true });
  const value = valueOf(7);
  const old = await new ArtifactWriter(world.store).writeAsync(value, "value");
  if (isInline(old)) return expect.fail("it should be a blob");
  await world.store.age(5 * HOUR);
  let late: string | undefined;
  world.store.pause = (call) => {
    if (late === undefined && !call.startsWith("delete blobs/")) return Promise.resolve();
    late ??= call.slice("delete ".length);
    return Promise.reject(new Error("killed"));
  };
  await expect(world.gc()).rejects.toThrow("killed");
  world.store.pause = () => Promise.resolve();
  if (late === undefined) return expect.fail("the clean-up deleted nothing");
  await forgetClaims(world);

  let stored: ArtifactRef | undefined;
  world.store.pause = async (call) => {
    if (call !== "listNames blobs/") return;
    world.store.pause = () => Promise.resolve();
    stored = await new ArtifactWriter(world.store).writeAsync(value, "value");
  };
  await world.gc();
  if (stored === undefined) return expect.fail("the second clean-up never came there");
  await world.store.delete(late);
  expect(await new ArtifactReader(world.store).load(stored, "value")).toBe(value);

  // When nothing can be on its way any more, the blobs go like any others.
  await world.store.age(5 * HOUR);
  await world.gc();
  expect(await world.blobs()).toEqual([]);
  expect(await world.store.listNames("gc/")).toEqual([]);
});

test("a note that arrives late does not take another's place", async () => {
  const world = new World({ remote: true });
  const value = valueOf(7);
  const old = await new ArtifactWriter(world.store).writeAsync(value, "value");
  if (isInline(old)) return expect.fail("it should be a blob");
  await world.store.age(5 * HOUR);
  const notes: { readonly key: string; readonly ifAbsent: boolean; readonly bytes: readonly Uint8Array[] }[] = [];
  const { put } = world.store;
  world.store.put = async (key, chunks, options) => {
    if (key.startsWith("gc/condemned/")) notes.push({ key, ifAbsent: options?.ifAbsent ?? false, bytes: [Buffer.from("of another")] });
    return put.call(world.store, key, chunks, options);
  };
  let stored: ArtifactRef | undefined;
  world.store.pause = async (call) => {
    if (!call.startsWith("delete blobs/")) return;
    world.store.pause = () => Promise.resolve();
    // What an earlier clean-up had sent, and sent again.
    for (const { key, ifAbsent, bytes } of notes) await put.call(world.store, key, bytes, { ifAbsent });
    stored = await new ArtifactWriter(world.store).writeAsync(value, "value");
  };
  await world.gc();
  if (stored === undefined || isInline(stored)) return expect.fail("it should be a blob");
  expect(stored.parts[0]?.copy).toMatch(/^[0-9a-f]{8}$/);
  expect(await new ArtifactReader(world.store).load(stored, "value")).toBe(value);
});

test("a run whose machine's clock is ahead loses nothing of what it has stored, and not referred to yet", async () => {
  const world = new World({ remote: true });
  const run = await world.datastore.createRun(
    (id) => sampleRun({ run: id, startedAt: Date.now() + 3 * HOUR, host: hostname(), pid: process.pid }),
    "Score",
  );
  const stored = await new ArtifactWriter(world.store).writeAsync(valueOf(7), "value");
  // Two hours of work later.
  await world.store.age(2 * HOUR);
  expect(run.id).toBe("1");
  await world.gc();
  expect(await new ArtifactReader(world.store).load(stored, "value")).toBe(valueOf(7));
});

test("a clean-up whose machine's clock is ahead takes nothing that is young", async () => {
  const world = new World({ remote: true });
  const stored = await new ArtifactWriter(world.store).writeAsync(valueOf(7), "value");
  await cleanUp(world.datastore, { criteria: {}, dryRun: false, now: () => Date.now() + 3 * HOUR });
  expect(await new ArtifactReader(world.store).load(stored, "value")).toBe(valueOf(7));
});
