import { beforeEach, expect, test } from "vitest";
import { Flow, Run, Task, type ReadOptions } from "../../src/client/index.js";
import type { AttemptRecord, RunRecord } from "../../src/core/records.js";
import { AttemptIndexWriter } from "../../src/datastore/attempt-index.js";
import { Datastore } from "../../src/datastore/datastore.js";
import type { RunStore } from "../../src/datastore/run-store.js";
import { formatLog } from "../../src/datastore/task-log.js";
import { MemoryStore } from "../../src/store/memory-store.js";
import { sampleAttempt, sampleGraphStep, sampleRun } from "../datastore/sample-records.js";
import { CountingStore } from "./counting-store.js";

const COUNT = 10_000;
const FAILED = [7, 8_000, 9_999];

let memory: MemoryStore;
let counting: CountingStore;
let options: ReadOptions;

beforeEach(() => {
  memory = new MemoryStore();
  counting = new CountingStore(memory);
  options = { datastore: counting };
});

/** A run of Wide as the scheduler leaves it. */
async function writeRun(records: readonly AttemptRecord[], rest: Partial<RunRecord> = {}): Promise<RunStore> {
  const steps = ["start", "body", "join", "end"].map((name) => sampleGraphStep({ name, splits: name === "body" ? ["start"] : [] }));
  const run = await new Datastore(memory).createRun((id) => sampleRun({ flow: "Wide", run: id, graph: { flow: "Wide", steps }, ...rest }), "Wide");
  const index = new AttemptIndexWriter(memory, "Wide", run.id, 0);
  for (const record of records) {
    const json = JSON.stringify({ ...record, run: run.id });
    await run.writeAttempt(record, json);
    await index.add(json, 0);
  }
  await index.flush();
  const failed = records.filter(({ status }) => status === "failed");
  await run.writeResult({
    format: 1,
    status: failed.length > 0 ? "failed" : "done",
    finishedAt: 2_000_000,
    counts: { done: records.length - failed.length, failed: failed.length, reused: 0 },
    failed: [],
    indexSegments: index.segments,
  });
  return run;
}

function wideRecords(): AttemptRecord[] {
  const body = Array.from({ length: COUNT }, (_, n) =>
    sampleAttempt({
      flow: "Wide",
      step: "body",
      task: String(n),
      parents: ["start/0"],
      foreach: [{ split: "start/0", index: n, count: COUNT }],
      artifacts: { score: { codec: "json", value: n } },
      inherited: { "start/0": ["rows"] },
      log: { stdoutBytes: 10, stderrBytes: 0 },
      ...(FAILED.includes(n) && { status: "failed", failure: { code: "exception", name: "Error", message: `no ${n}`, frames: [] } }),
    }),
  );
  return [sampleAttempt({ flow: "Wide", artifacts: { rows: { codec: "json", value: "rows" } } }), ...body];
}

test("status, failed tasks and their last lines of a run of 10,000 tasks take at most 10 reads", async () => {
  const written = await writeRun(wideRecords());
  for (const n of FAILED)
    written.writeLogSync("body", String(n), 0, formatLog([{ time: 1, stream: "stdout", bytes: Buffer.from(`one\nlast of ${n}\n`) }]));

  const run = await Run("Wide/1", options);
  expect(run.status).toBe("failed");
  const lines: string[] = [];
  for await (const task of run.tasks({ status: "failed" })) lines.push(`${task.error?.message}: ${await task.stdout({ last: 1 })}`);
  expect(lines).toEqual(FAILED.map((n) => `no ${n}: last of ${n}\n`));
  expect(counting.reads.length, counting.reads.join("\n")).toBeLessThanOrEqual(10);
});

test("an artifact of 10,000 tasks is read with the run, not task by task", async () => {
  await writeRun(wideRecords());
  const run = await Run<{ score: number; rows: string }>("Wide/1", options);
  let sum = 0;
  for await (const score of run.step("body").artifact("score")) sum += score;
  expect(sum).toBe((COUNT * (COUNT - 1)) / 2 - FAILED.reduce((a, b) => a + b));
  const before = counting.reads.length;
  expect(before, counting.reads.join("\n")).toBeLessThanOrEqual(8);
  // What came from a task before is found in what is here already.
  for await (const rows of run.step("body").artifact("rows")) expect(rows).toBe("rows");
  expect(counting.reads.length).toBe(before);
});

test("one task of a wide run is read alone", async () => {
  await writeRun(wideRecords());
  expect(await (await Task("Wide/1/body/5000", options)).artifact("score")).toBe(5000);
  expect(counting.reads.filter((key) => key.includes("/index/"))).toEqual([]);
  expect(counting.reads.length, counting.reads.join("\n")).toBeLessThanOrEqual(5);
});

test("one task of a wide run is followed alone", async () => {
  const written = await writeRun(wideRecords());
  written.writeLogSync("body", "8", 0, formatLog([{ time: 1, stream: "stdout", bytes: Buffer.from("one\ntwo\n") }]));
  const task = await Task("Wide/1/body/8", options);
  counting.reads.length = 0;
  const lines: string[] = [];
  for await (const { text } of task.follow()) lines.push(text);
  expect(lines).toEqual(["one", "two"]);
  expect(counting.reads.length, counting.reads.join("\n")).toBeLessThanOrEqual(4);
});

test("a list reads as far as it is walked, a page ahead at most", async () => {
  for (let count = 0; count < 100; count++) await writeRun([], { user: count === 50 ? "ann" : "bob" });
  const wide = Flow("Wide", options);
  const records = (): string[] => counting.reads.filter((key) => key.endsWith("/run.json"));
  expect((await wide.latestRun()).id).toBe("100");
  expect(records()).toHaveLength(1);
  let walked = 0;
  for await (const run of wide.runs()) if (++walked === 30) expect(run.id).toBe("71");
  expect(walked).toBe(100);
  counting.reads.length = 0;
  for await (const _ of wide.runs()) if (--walked === 70) break;
  expect(records().length).toBeLessThanOrEqual(30 + 2 * 16);
  counting.reads.length = 0;
  // A run whose own record says that it does not fit is looked at no further.
  expect((await wide.runs({ user: "ann" }).toArray()).map(({ id }) => id)).toEqual(["51"]);
  expect(counting.reads.filter((key) => key.endsWith("/result.json"))).toHaveLength(1);
});

test("runs of long ago are not read to list those of late", async () => {
  const day = 24 * 60 * 60 * 1000;
  for (let count = 0; count < 100; count++) await writeRun([], { startedAt: count * day });
  const late = await Flow("Wide", options)
    .runs({ since: new Date(90 * day) })
    .toArray();
  expect(late.map(({ id }) => Number(id))).toEqual([100, 99, 98, 97, 96, 95, 94, 93, 92, 91]);
  expect(counting.reads.filter((key) => key.endsWith("/run.json")).length).toBeLessThanOrEqual(48);
});

test("printing reads nothing", async () => {
  await writeRun(wideRecords());
  const run = await Run("Wide/1", options);
  const task = await run.step("body").task(3);
  const before = counting.reads.length;
  const { inspect } = await import("node:util");
  const text = [run, task, run.step("body"), run.code, task.artifacts()[0], run.tasks(), Flow("Wide", options)].map((shown) => inspect(shown));
  expect(counting.reads.length).toBe(before);
  expect(text.join("\n")).not.toContain("#");
});
