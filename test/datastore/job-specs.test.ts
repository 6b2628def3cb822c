import { expect, test } from "vitest";
import type { TaskSpec } from "../../src/core/task-spec.js";
import { readJobSpec, readJobSpecs, writeJobSpecs } from "../../src/datastore/job-specs.js";
import { MemoryStore } from "../../src/store/memory-store.js";

const KEY = "flows/Demo/1/jobs/batch/body/0.0.specs";

function spec(index: number): TaskSpec {
  return {
    flow: "Demo",
    run: "1",
    step: "körper",
    task: String(index),
    attempt: 0,
    foreach: [{ split: "start/0", index, count: 2_000 }],
    parents: ["start/0"],
    mode: "run",
    retriesLeft: 0,
    maxNumSplits: 2_000,
    maxLogBytes: 1,
  };
}

const specs = Array.from({ length: 2_000 }, (_, index) => spec(index));

test("each task of an array reads its own line, near or far from the start", async () => {
  const store = new MemoryStore();
  await writeJobSpecs(store, KEY, specs);
  for (const index of [0, 1, 200, 1_999]) expect(await readJobSpec(store, KEY, index)).toEqual(spec(index));
  expect(await readJobSpecs(store, KEY)).toEqual(specs);
});

test("what is missing, beyond the end, or damaged is never taken for a spec", async () => {
  const store = new MemoryStore();
  await expect(readJobSpec(store, KEY, 0)).rejects.toMatchObject({ code: "record-damaged" });
  expect(await readJobSpecs(store, KEY)).toBeUndefined();
  await writeJobSpecs(store, KEY, specs.slice(0, 3));
  await expect(readJobSpec(store, KEY, 3)).rejects.toMatchObject({ code: "record-damaged" });
  const bytes = (await store.get(KEY)) ?? new Uint8Array();
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  await store.put(KEY, [bytes]);
  await expect(readJobSpec(store, KEY, 0)).rejects.toMatchObject({ code: "record-damaged" });
  expect(await readJobSpec(store, KEY, 1)).toEqual(spec(1));
});
