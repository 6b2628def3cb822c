import { describe, expect, test } from "vitest";
import type { GraphStep } from "../../src/core/graph.js";
import { FlowSpec } from "../../src/flow/flow-spec.js";
import { FlowInstance, type FieldChange } from "../../src/task/flow-instance.js";
import type { StoredArtifact } from "../../src/datastore/handed-on.js";
import { ofTheRun, ref, valueOf } from "./stored-records.js";

class Score extends FlowSpec {
  rows = [1, 2];
  log = (text: string): string => text;
  total!: number;
  anything: unknown;
}

const from = (source: string, value: Parameters<typeof ref>[0]): StoredArtifact => ({ ref: ref(value), source });

interface Opened {
  readonly instance: FlowInstance;
  readonly flow: Score;
  readonly loads: string[];
}

function open(artifacts: Readonly<Record<string, StoredArtifact>>, lost: GraphStep["lost"] = []): Opened {
  const loads: string[] = [];
  const flow = new Score();
  const instance = new FlowInstance({
    flow,
    artifacts: new Map(Object.entries(artifacts)),
    load: (name, stored) => {
      loads.push(name);
      return structuredClone(valueOf(stored));
    },
    step: { name: "here", kind: "linear", next: ["end"], takes: "nothing", splits: [], loops: false, decorators: [], lost },
  });
  return { instance, flow, loads };
}

const changes = (instance: FlowInstance): Record<string, string> =>
  Object.fromEntries(
    [...instance.changes()].map((change) => [change.name, `${change.kind}${"value" in change ? ` ${JSON.stringify(change.value)}` : ""}`]),
  );
const changeOf = (instance: FlowInstance, name: string): FieldChange | undefined => [...instance.changes()].find((change) => change.name === name);

describe("a stored artifact", () => {
  test("is loaded when it is first touched, once", () => {
    const { flow, loads } = open({ total: from("start/0", 7), rows: ofTheRun([1, 2]) });
    expect(loads).toEqual([]);
    expect([flow.total, flow.total]).toEqual([7, 7]);
    expect(loads).toEqual(["total"]);
    expect(flow.rows).toBe(flow.rows);
  });

  test("is untouched, read or set", () => {
    const { instance, flow } = open({ total: from("start/0", 7), rows: ofTheRun([1, 2]), anything: from("start/0", "x") });
    void flow.rows;
    flow.total = 8;
    expect(changes(instance)).toEqual({ total: "set 8", rows: "read [1,2]", anything: "untouched" });
    expect(changeOf(instance, "total")).toMatchObject({ before: { source: "start/0" } });
  });

  test("that is set first is never loaded", () => {
    const { flow, loads } = open({ total: from("start/0", 7) });
    flow.total = 8;
    expect(flow.total).toBe(8);
    expect(loads).toEqual([]);
  });

  test("changed in place is read, with the value as it is now", () => {
    const { instance, flow } = open({ rows: ofTheRun([1, 2]) });
    flow.rows.push(3);
    expect(changes(instance)).toEqual({ rows: "read [1,2,3]" });
  });

  test("deleted is set to undefined; defined anew it is set", () => {
    const { instance, flow } = open({ total: from("start/0", 7), anything: from("start/0", 1) });
    Reflect.deleteProperty(flow, "total");
    Object.defineProperty(flow, "anything", { value: 2, enumerable: true, configurable: true, writable: true });
    expect(changeOf(instance, "total")).toMatchObject({ kind: "set", value: undefined });
    expect(changeOf(instance, "anything")).toMatchObject({ kind: "set", value: 2 });
  });

  test("is seen by for-in, spread and JSON", () => {
    const { flow } = open({ total: from("start/0", 7), rows: ofTheRun([1]) });
    expect(Object.keys(flow)).toEqual(expect.arrayContaining(["total", "rows"]));
    expect(Object.entries(flow)).toEqual(
      expect.arrayContaining([
        ["total", 7],
        ["rows", [1]],
      ]),
    );
  });

  test("that cannot be loaded is an error each time it is touched, and does not count as read", () => {
    const { flow, instance } = open({ total: from("start/0", 7) });
    let broken = true;
    const failing = new FlowInstance({
      flow,
      artifacts: new Map([["total", from("start/0", 7)]]),
      load: () => {
        if (broken) throw new Error("damaged");
        return 7;
      },
      step: { name: "here", kind: "end", next: [], takes: "nothing", splits: [], loops: false, decorators: [], lost: [] },
    });
    expect(() => flow.total).toThrow("damaged");
    expect(() => flow.total).toThrow("damaged");
    expect(changeOf(failing, "total")?.kind).toBe("untouched");
    broken = false;
    expect(flow.total).toBe(7);
    expect(instance).toBeDefined();
  });
});

describe("a field that is no artifact yet", () => {
  test("left as its initialiser made it is nothing", () => {
    const { instance } = open({});
    expect(changes(instance)).toEqual({});
  });

  test("that is set is an artifact", () => {
    const { instance, flow } = open({});
    flow.total = 1;
    Reflect.set(flow, "added", "x");
    expect(changes(instance)).toEqual({ total: "set 1", added: 'set "x"' });
    expect(changeOf(instance, "total")).toMatchObject({ before: undefined });
  });

  test("set to undefined, having been so, is nothing", () => {
    const { instance, flow } = open({});
    flow.anything = undefined;
    expect(changes(instance)).toEqual({});
  });

  test("with a value that cannot be stored matters only when it is set", () => {
    const { instance, flow } = open({});
    expect(flow.log("works")).toBe("works");
    expect(changes(instance)).toEqual({});
    flow.log = () => "another";
    expect(changeOf(instance, "log")?.kind).toBe("set");
  });

  test("NaN stays NaN", () => {
    const { instance, flow } = open({});
    flow.total = Number.NaN;
    expect(changes(instance)).toEqual({ total: "set null" });
  });
});

describe("an artifact that cannot reach the step", () => {
  const lost = [
    { name: "total", setBy: "left", lostAt: "join" },
    { name: "anything", setBy: "aside" },
  ];

  test("is an error that says where it was lost, when it is read", () => {
    const { flow } = open({}, lost);
    expect(() => flow.total).toThrow(
      expect.objectContaining({ code: "artifact-lost", message: expect.stringMatching(/here reads this\.total.*left.*join/) }),
    );
    expect(() => flow.anything).toThrow(
      expect.objectContaining({ code: "artifact-lost", message: expect.stringMatching(/aside does not come before here/) }),
    );
  });

  test("can be set, and is then the step's own", () => {
    const { instance, flow } = open({}, lost);
    flow.total = 5;
    expect(flow.total).toBe(5);
    expect(changes(instance)).toEqual({ total: "set 5" });
  });

  test("does not stand in the way of listing fields, or of merging", () => {
    const { instance, flow } = open({}, lost);
    expect(Object.keys(flow)).not.toContain("total");
    expect(changes(instance)).toEqual({});
    instance.attach("total", from("left/0", 9));
    expect(flow.total).toBe(9);
    expect(changes(instance)).toEqual({ total: "read 9" });
  });

  test("that the run itself has is no loss", () => {
    const { flow } = open({ total: ofTheRun(3) }, lost);
    expect(flow.total).toBe(3);
  });

  test("whose field has an initial value of its own is read as that", () => {
    const { flow } = open({}, [{ name: "rows", setBy: "left", lostAt: "join" }]);
    expect(flow.rows).toEqual([1, 2]);
  });
});

describe("what the step has set", () => {
  test("is known before a merge, whatever way it was set", () => {
    const { instance, flow } = open({ total: from("start/0", 7), rows: ofTheRun([1]) }, [{ name: "anything", setBy: "left", lostAt: "join" }]);
    expect(["total", "rows", "anything", "log", "absent"].map((name) => instance.hasSet(name))).toEqual([false, false, false, false, false]);
    void flow.rows;
    flow.total = 7;
    flow.anything = 1;
    Reflect.set(flow, "absent", 0);
    expect(["total", "rows", "anything", "log", "absent"].map((name) => instance.hasSet(name))).toEqual([true, false, true, false, true]);
  });

  test("what a merge attached is not set, and is handed on as it was", () => {
    const { instance } = open({});
    instance.attach("total", from("left/0", 1));
    expect(instance.hasSet("total")).toBe(false);
    expect(changeOf(instance, "total")).toMatchObject({ kind: "untouched", stored: { source: "left/0" } });
  });
});
