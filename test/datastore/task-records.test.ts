import { describe, expect, test } from "vitest";
import { doneKey } from "../../src/datastore/layout.js";
import { RecentMap } from "../../src/datastore/recent-map.js";
import { TaskRecords } from "../../src/datastore/task-records.js";
import { StoredRecords, valueOf } from "../task/stored-records.js";

const handedOn = (stored: StoredRecords, ref: string): Record<string, [unknown, string | undefined]> =>
  Object.fromEntries([...stored.records.handedOn(ref).artifacts].map(([name, artifact]) => [name, [valueOf(artifact), artifact.source]]));

describe("what a task hands on", () => {
  test("is what it set, and what it had from others, each from the task that set it", () => {
    const stored = new StoredRecords();
    stored.add("start/0", { sets: { a: 1, b: 2 } });
    stored.add("middle/0", { sets: { b: 3 }, inherited: { "start/0": ["a"] } });
    stored.add("last/0", { sets: { c: 4 }, inherited: { "start/0": ["a"], "middle/0": ["b"] } });
    expect(handedOn(stored, "last/0")).toEqual({ a: [1, "start/0"], b: [3, "middle/0"], c: [4, "last/0"] });
  });

  test("of a task of an earlier run names that run, also where its record does not", () => {
    const stored = new StoredRecords();
    stored.add("1:start/0", { sets: { a: 1 } });
    stored.add("1:middle/0", { sets: { b: 2 }, inherited: { "start/0": ["a"] } });
    stored.add("last/0", { inherited: { "1:start/0": ["a"], "1:middle/0": ["b"] } });
    expect(handedOn(stored, "1:middle/0")).toEqual({ a: [1, "1:start/0"], b: [2, "1:middle/0"] });
    expect(handedOn(stored, "last/0")).toEqual({ a: [1, "1:start/0"], b: [2, "1:middle/0"] });
  });

  test("of a task of an earlier run, from a run before that, names that one", () => {
    const stored = new StoredRecords();
    stored.add("1:start/0", { sets: { a: 1 } });
    const third = new TaskRecords(stored.store, { flow: "Score", run: "3" });
    stored.add("2:last/0", { inherited: { "1:start/0": ["a"] } });
    expect([...third.handedOn("2:last/0").artifacts].map(([name, artifact]) => [name, valueOf(artifact), artifact.source])).toEqual([
      ["a", 1, "1:start/0"],
    ]);
  });

  test("is looked up only when it is asked for", async () => {
    const stored = new StoredRecords();
    stored.add("start/0", { sets: { a: 1 } });
    stored.add("last/0", { inherited: { "start/0": ["a"] } });
    const artifact = stored.records.handedOn("last/0").artifacts.get("a");
    await stored.store.delete(doneKey("Score", "2", "start", "0"));
    expect(artifact?.source).toBe("start/0");
    expect(() => artifact?.ref).toThrow(expect.objectContaining({ code: "task-unknown", message: expect.stringContaining("Score/2/start/0") }));
  });

  test("that its source does not have is an error that names both", () => {
    const stored = new StoredRecords();
    stored.add("start/0", { sets: { other: 1 } });
    stored.add("last/0", { inherited: { "start/0": ["a"] } });
    expect(() => stored.records.handedOn("last/0").artifacts.get("a")?.ref).toThrow(
      expect.objectContaining({ code: "artifact-unknown", message: expect.stringContaining("Score/2/start/0/a") }),
    );
  });
});

describe("records", () => {
  test("that are not there or damaged are errors that name the task", async () => {
    const stored = new StoredRecords();
    expect(() => stored.records.get("body/3")).toThrow(
      expect.objectContaining({ code: "task-unknown", message: expect.stringContaining("Score/2/body/3") }),
    );
    await stored.store.put(doneKey("Score", "1", "body", "3"), [Buffer.from("{}")]);
    expect(() => stored.records.get("1:body/3")).toThrow(
      expect.objectContaining({ code: "record-damaged", message: expect.stringContaining("Score/1/body/3") }),
    );
  });

  test("are read once", async () => {
    const stored = new StoredRecords();
    stored.add("start/0", { sets: { a: 1 } });
    stored.records.get("start/0");
    await stored.store.delete(doneKey("Score", "2", "start", "0"));
    expect(stored.records.get("start/0").artifacts).toHaveProperty("a");
  });

  test("have names for people", () => {
    const { records } = new StoredRecords();
    expect([records.pathspec("inner/3.7~1"), records.pathspec("1:start/0")]).toEqual(["Score/2/inner/3.7~1", "Score/1/start/0"]);
  });
});

test("a map of recent entries drops what was used longest ago", () => {
  const map = new RecentMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  expect(map.get("a")).toBe(1);
  map.set("c", 3);
  expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([1, undefined, 3]);
  map.set("a", 4);
  map.set("d", 5);
  expect([map.get("a"), map.get("c"), map.get("d")]).toEqual([4, undefined, 5]);
});
