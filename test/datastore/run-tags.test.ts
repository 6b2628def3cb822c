import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runKey, tagsKey } from "../../src/datastore/layout.js";
import { encodeRecord } from "../../src/datastore/record-file.js";
import { RunStore } from "../../src/datastore/run-store.js";
import { writeTags } from "../../src/datastore/run-tags.js";
import { MemoryStore } from "../../src/store/memory-store.js";
import { sampleRun } from "./sample-records.js";

function taggedRun(store = new MemoryStore()): RunStore {
  const record = sampleRun({ tags: ["first"] });
  store.putSync(runKey("Score", "1"), [encodeRecord(JSON.stringify(record))]);
  return new RunStore(store, record);
}

const edit = (run: RunStore, add: readonly string[], remove: readonly string[] = []): Promise<readonly string[]> =>
  writeTags(run, { edit: { add, remove }, user: "ada", now: 1 });

describe("the tags of a run", () => {
  test("are those of its start, until they are edited", async () => {
    const run = taggedRun();
    expect(await run.tags()).toEqual(["first"]);
    expect(await edit(run, ["second"])).toEqual(["first", "second"]);
    expect(await edit(run, ["third"], ["first"])).toEqual(["second", "third"]);
    expect(await run.tags()).toEqual(["second", "third"]);
    expect(run.record.tags).toEqual(["first"]);
  });

  test("stay as they are when an edit changes nothing: nothing is written", async () => {
    const run = taggedRun();
    await edit(run, ["first"], ["absent"]);
    expect(await run.store.listNames("flows/Score/1/tags/")).toEqual([]);
  });

  test("are those of the edit before when the last one's record is damaged, and can be edited again", async () => {
    const run = taggedRun();
    await edit(run, ["second"]);
    await edit(run, ["third"]);
    await run.store.put(tagsKey("Score", "1", 2), [Buffer.from("{")]);
    expect(await run.tags()).toEqual(["first", "second"]);
    await edit(run, ["fourth"]);
    expect(await run.tags()).toEqual(["first", "second", "fourth"]);
  });

  test("lose no edit of writers at the same time", async () => {
    /** Lets other writers go on at every call, in an order that the test draws. */
    class Interleaved extends MemoryStore {
      constructor(private readonly pause: () => Promise<void>) {
        super();
      }
      override async listNames(prefix: string): Promise<readonly string[]> {
        await this.pause();
        return super.listNames(prefix);
      }
      override async put(...args: Parameters<MemoryStore["put"]>): Promise<boolean> {
        await this.pause();
        return super.put(...args);
      }
    }
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 8 }), async (scheduler, writers) => {
        const run = taggedRun(new Interleaved(() => scheduler.schedule(Promise.resolve())));
        const edits = Array.from({ length: writers }, (_, writer) => edit(run, [`added-${writer}`], writer === 0 ? ["first"] : []));
        await scheduler.waitFor(Promise.all(edits));
        const tags = await scheduler.waitFor(run.tags());
        expect(tags.toSorted()).toEqual(Array.from({ length: writers }, (_, writer) => `added-${writer}`).toSorted());
      }),
      { numRuns: 60 },
    );
  });
});
