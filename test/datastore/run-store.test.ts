import { beforeEach, describe, expect, test } from "vitest";
import type { AttemptRecord } from "../../src/core/records.js";
import { AttemptIndexWriter } from "../../src/datastore/attempt-index.js";
import { finishedRecordSync } from "../../src/datastore/finished-record.js";
import {
  doneKey,
  failedKey,
  indexKey,
  indexPrefix,
  leaseKey,
  logKey,
  parseRecordName,
  resultKey,
  reusedKey,
  runKey,
} from "../../src/datastore/layout.js";
import { RunStore } from "../../src/datastore/run-store.js";
import { MemoryStore } from "../../src/store/memory-store.js";
import type { ByteRange } from "../../src/store/object-store.js";
import { sampleAttempt, sampleRun } from "./sample-records.js";

let store: MemoryStore;
let run: RunStore;

beforeEach(() => {
  store = new MemoryStore();
  run = new RunStore(store, sampleRun());
});

const write = (record: AttemptRecord): Promise<void> => run.writeAttempt(record, JSON.stringify(record));
const name = ({ step, task, status, attempt }: AttemptRecord): string => `${step}/${task} ${status} ${attempt}`;

async function attempts(onDamaged?: (error: Error) => void): Promise<string[]> {
  const found = [];
  for await (const record of run.attempts(onDamaged)) found.push(name(record));
  return found.toSorted();
}

/** Writes the index, a segment for each record if asked. */
async function index(records: readonly AttemptRecord[], { apart = false } = {}): Promise<number> {
  const writer = new AttemptIndexWriter(store, run.flow, run.id, 0, apart ? 1 : undefined);
  for (const record of records) await writer.add(JSON.stringify(record), 0);
  await writer.flush();
  return writer.segments;
}

const writeResult = (indexSegments?: number, indexRecords?: number): Promise<void> =>
  run.writeResult({
    format: 1,
    status: "failed",
    finishedAt: 1,
    counts: { done: 0, failed: 0, reused: 0 },
    failed: [],
    ...(indexSegments !== undefined && { indexSegments }),
    ...(indexRecords !== undefined && { indexRecords }),
  });

/** Flips a bit in the middle of an object. */
async function damage(key: string): Promise<void> {
  const bytes = Uint8Array.from((await store.get(key)) ?? []);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 4;
  await store.put(key, [bytes]);
}

describe("an attempt's record", () => {
  test("done and failed stand under different names; done is the task's", async () => {
    await write(sampleAttempt({ status: "failed", attempt: 0 }));
    expect(await run.done("start", "0")).toBeUndefined();
    expect(run.doneSync("start", "0")).toBeUndefined();
    await write(sampleAttempt({ attempt: 1 }));
    expect((await run.done("start", "0"))?.attempt).toBe(1);
    expect(run.doneSync("start", "0")?.attempt).toBe(1);
    expect((await run.failed("start", "0", 0))?.status).toBe("failed");
    expect(await run.failed("start", "0", 1)).toBeUndefined();
  });

  test("damaged, it is an error that names the task and the key", async () => {
    await write(sampleAttempt());
    await write(sampleAttempt({ status: "failed" }));
    await damage(doneKey("Score", "1", "start", "0"));
    await damage(failedKey("Score", "1", "start", "0", 0));
    const damaged = { code: "record-damaged", message: expect.stringMatching(/Score\/1\/start\/0.*flows\/Score\/1\/tasks\/start\/0/) };
    await expect(run.done("start", "0")).rejects.toMatchObject(damaged);
    expect(() => run.doneSync("start", "0")).toThrow(expect.objectContaining(damaged));
    await expect(run.failed("start", "0", 0)).rejects.toMatchObject(damaged);
  });

  test("names are read as they are written", () => {
    const file = (key: string): string => key.slice(key.lastIndexOf("/") + 1);
    for (const task of ["0", "3.7", "~2", "3.7~2"]) {
      expect(parseRecordName(file(doneKey("F", "1", "s", task)))).toEqual({ task });
      expect(parseRecordName(file(failedKey("F", "1", "s", task, 12)))).toEqual({ task, failedAttempt: 12 });
    }
    expect(parseRecordName("notes.txt")).toBeUndefined();
    expect(parseRecordName(".json")).toBeUndefined();
  });
});

describe("the record of a finished task", () => {
  const name = { flow: "Score", run: "1", step: "body", task: "1" };
  const record = sampleAttempt({ step: "body", task: "1", attempt: 1, host: "the one" });
  const others = [
    sampleAttempt({ step: "body", task: "11" }),
    sampleAttempt({ step: "other", task: "1" }),
    sampleAttempt({ step: "body", task: "1", status: "failed", attempt: 0 }),
  ];

  test("is its own", async () => {
    await write(record);
    expect(finishedRecordSync(store, name)).toEqual(record);
  });

  test.each<[string, (key: string) => Promise<void>]>([
    ["gone", (key) => store.delete(key)],
    ["damaged", damage],
    ["empty", async (key) => void (await store.put(key, []))],
  ])("%s, is the index's copy", async (_how, breakIt) => {
    await write(record);
    await index([...others, record], { apart: true });
    await breakIt(doneKey("Score", "1", "body", "1"));
    expect(finishedRecordSync(store, name)).toEqual(record);
  });

  test("is none while the task is not done", async () => {
    await Promise.all(others.map(write));
    await index(others);
    expect(finishedRecordSync(store, name)).toBeUndefined();
  });

  test("damaged, without an intact copy, is an error", async () => {
    await write(record);
    await index([record]);
    await damage(doneKey("Score", "1", "body", "1"));
    await damage(indexKey("Score", "1", 0));
    expect(() => finishedRecordSync(store, name)).toThrow(expect.objectContaining({ code: "record-damaged" }));
  });

  test("of a failed attempt is the index's copy, too, when it is damaged", async () => {
    const failed = sampleAttempt({ step: "body", task: "1", status: "failed", attempt: 2 });
    await write(failed);
    await index([...others, record, failed]);
    await damage(failedKey("Score", "1", "body", "1", 2));
    expect(await run.failed("body", "1", 2)).toEqual(failed);
  });
});

describe("all attempts", () => {
  const records = [
    sampleAttempt(),
    sampleAttempt({ step: "body", task: "0" }),
    sampleAttempt({ step: "body", task: "1", status: "failed", attempt: 0 }),
    sampleAttempt({ step: "body", task: "1", attempt: 1 }),
    sampleAttempt({ step: "body", task: "2~1", status: "failed", attempt: 0 }),
  ];
  const names = records.map(name).toSorted();

  test("of a run that has none there are none", async () => {
    expect(await attempts()).toEqual([]);
  });

  test("are found by their own records", async () => {
    await Promise.all(records.map(write));
    expect(await attempts()).toEqual(names);
  });

  test("are found by the index alone when it is whole: no record is read", async () => {
    await Promise.all(records.map(write));
    await writeResult(await index(records));
    const read: string[] = [];
    store.get = async (key: string, range?: ByteRange) => {
      read.push(key);
      return MemoryStore.prototype.get.call(store, key, range);
    };
    expect(await attempts()).toEqual(names);
    expect(read.filter((key) => key.includes("/tasks/"))).toEqual([]);
  });

  test("are each told once while the run goes on: some by the index, the rest by their records", async () => {
    await Promise.all(records.map(write));
    await index(records.slice(0, 3));
    expect(await attempts()).toEqual(names);
  });

  test("a damaged segment is made up for by the records", async () => {
    await Promise.all(records.map(write));
    await writeResult(await index(records, { apart: true }));
    await damage(indexKey("Score", "1", 2));
    expect(await attempts()).toEqual(names);
  });

  test("a segment that is gone is made up for by the records", async () => {
    await Promise.all(records.map(write));
    await writeResult(await index(records, { apart: true }));
    await store.delete(indexKey("Score", "1", 0));
    expect(await attempts()).toEqual(names);
  });

  test("a damaged record that the index has is not missed", async () => {
    await Promise.all(records.map(write));
    await writeResult(await index(records));
    await damage(doneKey("Score", "1", "body", "0"));
    expect(await attempts()).toEqual(names);
  });

  test("a damaged record that no index has is told and left out", async () => {
    await Promise.all(records.map(write));
    await damage(doneKey("Score", "1", "body", "0"));
    const told: string[] = [];
    expect(await attempts((error) => told.push(error.message))).toEqual(names.filter((one) => one !== "body/0 done 0"));
    expect(told).toEqual([expect.stringContaining("Score/1/body/0")]);
  });

  test("a run that ends while it is read loses nothing to the reader", async () => {
    await Promise.all(records.map(write));
    // The last segment and the result come between the reader's look at the index and whatever it does next.
    const listNames = store.listNames.bind(store);
    let ended = false;
    store.listNames = async (prefix: string) => {
      const found = await listNames(prefix);
      if (prefix === indexPrefix("Score", "1") && !ended) {
        ended = true;
        await writeResult(await index(records));
      }
      return found;
    };
    expect(await attempts()).toEqual(names);
    expect(ended).toBe(true);
  });

  test("files that are no records are passed over", async () => {
    await write(sampleAttempt());
    await store.put("flows/Score/1/tasks/start/.DS_Store", [Buffer.from("x")]);
    expect(await attempts((error) => expect.fail(error.message))).toEqual(["start/0 done 0"]);
  });
});

test("over a network, a record that an attempt had sent before it was killed cannot take the place of the next one's", async () => {
  const far = new MemoryStore({ remote: true });
  const puts: (() => boolean)[] = [];
  const { putSync } = far;
  far.putSync = (key, chunks, options) => {
    puts.push(() => putSync.call(far, key, chunks, options));
    return putSync.call(far, key, chunks, options);
  };
  const ofRun = new RunStore(far, sampleRun());
  const commit = (attempt: number): void => {
    const record = sampleAttempt({ attempt });
    ofRun.writeAttemptSync(record, JSON.stringify(record));
  };
  commit(0);
  const [late] = puts;
  await far.delete("flows/Score/1/tasks/start/0.json");
  commit(1);
  late?.();
  expect((await ofRun.done("start", "0"))?.attempt).toBe(1);
  // One that was there before is replaced: nothing can have started from it.
  commit(2);
  expect((await ofRun.done("start", "0"))?.attempt).toBe(2);
});

describe("the index", () => {
  const line = JSON.stringify(sampleAttempt());

  test("gathers records into few segments, however long the run", async () => {
    const writer = new AttemptIndexWriter(store, "Score", "1", 0);
    // An hour of one record a second.
    for (let second = 0; second < 3600; second++) await writer.add(line, second * 1000);
    await writer.flush();
    expect(writer.segments).toBe(1);
    expect(await store.listNames(indexPrefix("Score", "1"))).toEqual(["000000.jsonl"]);
  });

  test("is written seldom, however long the run", async () => {
    const writer = new AttemptIndexWriter(store, "Score", "1", 0);
    const put = store.put.bind(store);
    let puts = 0;
    store.put = (...args: Parameters<typeof put>) => (puts++, put(...args));
    for (let second = 0; second < 3600; second++) await writer.add(line, second * 1000);
    expect(puts).toBeLessThan(120);
  });

  test("that lacks records, as an earlier state of it arrived late, is not taken for whole", async () => {
    const records = ["0", "1", "2"].map((task) => sampleAttempt({ task }));
    for (const record of records) await write(record);
    await index(records.slice(0, 1));
    const early = (await store.get(`${indexPrefix("Score", "1")}000000.jsonl`)) ?? new Uint8Array();
    expect(await index(records)).toBe(1);
    await writeResult(1, 3);
    await store.put(`${indexPrefix("Score", "1")}000000.jsonl`, [early]);
    expect(await attempts()).toEqual(["start/0 done 0", "start/1 done 0", "start/2 done 0"]);
  });

  test("does not keep records for long at first", async () => {
    const writer = new AttemptIndexWriter(store, "Score", "1", 0);
    await writer.add(line, 0);
    await writer.add(line, 2999);
    expect(writer.segments).toBe(0);
    await writer.add(line, 3000);
    expect(writer.segments).toBe(1);
  });

  test("does not grow segments without end", async () => {
    const writer = new AttemptIndexWriter(store, "Score", "1", 0);
    const large = JSON.stringify(sampleAttempt({ host: "x".repeat(1_000_000) }));
    for (let count = 0; count < 10; count++) await writer.add(large, 0);
    expect(writer.segments).toBe(2);
  });

  test("writes nothing when there is nothing", async () => {
    const writer = new AttemptIndexWriter(store, "Score", "1", 0);
    await writer.flush();
    expect(writer.segments).toBe(0);
    expect(await store.listNames(indexPrefix("Score", "1"))).toEqual([]);
  });

  test("flush waits for what is being written, and says when that failed", async () => {
    const writer = new AttemptIndexWriter(store, "Score", "1", 0);
    store.put = () => new Promise((_resolve, reject) => void setImmediate(() => reject(new Error("no space"))));
    await writer.add(line, 0);
    const adding = writer.add(line, 10_000);
    const flushed = writer.flush();
    await expect(adding).rejects.toThrow("no space");
    await expect(flushed).rejects.toThrow("no space");
    expect(writer.segments).toBe(0);
  });
});

describe("a run's other records", () => {
  test("are undefined until they are written, and then what was written", async () => {
    expect([await run.result(), await run.lease(), await run.reused(), await run.log("start", "0", 0)]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    await writeResult();
    await run.writeLease({ format: 1, host: "h", pid: 2, renewedAt: 3, validMs: 4, running: [] });
    await run.writeReused({ format: 1, tasks: ["1:a/0-3"] });
    expect(await run.result()).toMatchObject({ status: "failed" });
    expect(await run.lease()).toMatchObject({ host: "h", renewedAt: 3 });
    expect((await run.reused())?.tasks).toEqual(["1:a/0-3"]);
  });

  test("damaged, a lease and a result are as if they were not there: the run is lost, and goes on", async () => {
    await writeResult();
    await run.writeLease({ format: 1, host: "h", pid: 2, renewedAt: 3, validMs: 4, running: [] });
    await damage(resultKey("Score", "1"));
    await store.put(leaseKey("Score", "1"), []);
    expect([await run.result(), await run.lease()]).toEqual([undefined, undefined]);
    expect(await run.status(Date.now())).toBe("lost");
  });

  test("damaged, the note of what is reused is an error that names the run", async () => {
    await run.writeReused({ format: 1, tasks: [] });
    await damage(reusedKey("Score", "1"));
    await expect(run.reused()).rejects.toMatchObject({ code: "record-damaged", message: expect.stringContaining("Score/1") });
  });

  test("open reads the run's record, undefined when there is none", async () => {
    expect(await RunStore.open(store, "Score", "1")).toBeUndefined();
    await store.put(runKey("Score", "1"), [Buffer.from("half a rec")]);
    await expect(RunStore.open(store, "Score", "1")).rejects.toMatchObject({ code: "record-damaged", message: expect.stringContaining("Score/1") });
  });

  test("a log is kept as it is, and can be added to", async () => {
    run.writeLogSync("start", "0", 1, Buffer.from("first\n"));
    run.appendLogSync("start", "0", 1, Buffer.from("second\n"));
    run.appendLogSync("start", "1", 0, Buffer.from("alone\n"));
    expect(Buffer.from((await run.log("start", "0", 1)) ?? []).toString()).toBe("first\nsecond\n");
    expect(Buffer.from((await store.get(logKey("Score", "1", "start", "1", 0))) ?? []).toString()).toBe("alone\n");
  });
});
