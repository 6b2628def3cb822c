import { describe, expect, test } from "vitest";
import type { TaskSpec } from "../../src/core/task-spec.js";
import { joinInputs, type InputSource } from "../../src/task/join-inputs.js";
import { ofTheRun, StoredRecords, valueOf } from "./stored-records.js";

class Score {
  scale = 10;

  get doubled(): number {
    return Number(Reflect.get(this, "score")) * 2;
  }

  scaled(by: number): number {
    return Number(Reflect.get(this, "score")) * by;
  }
}

interface Loaded {
  readonly inputs: readonly (Score & Record<string, unknown>)[] & Record<string, Record<string, unknown>>;
  readonly refs: readonly string[];
  readonly loads: string[];
}

function load(stored: StoredRecords, parents: readonly string[], join: TaskSpec["join"] = { kind: "foreach" }): Loaded {
  const loads: string[] = [];
  const source: InputSource = {
    records: stored.records,
    graph: {
      flow: "Score",
      steps: [
        {
          name: "left",
          kind: "linear",
          next: ["join"],
          takes: "nothing",
          splits: [],
          loops: false,
          decorators: [],
          lost: [
            { name: "gone", setBy: "before", lostAt: "earlier" },
            { name: "aside", setBy: "right" },
            { name: "again", setBy: "before", lostAt: "earlier", setHere: true },
          ],
        },
      ],
    },
    prototype: Score.prototype,
    runArtifacts: new Map([["alpha", ofTheRun(0.5)]]),
    load: (pathspec, name, artifact) => {
      loads.push(`${pathspec}/${name}`);
      return valueOf(artifact);
    },
    itemOf: (split, index) => `${split}#${index}`,
  };
  const spec: TaskSpec = {
    flow: "Score",
    run: "2",
    step: "join",
    task: "0",
    attempt: 0,
    foreach: [],
    parents,
    ...(join !== undefined && { join }),
    mode: "run",
    retriesLeft: 0,
    maxNumSplits: 100,
    maxLogBytes: 100,
  };
  const { value, refs } = joinInputs(spec, source);
  return { inputs: value as Loaded["inputs"], refs, loads };
}

function threeItems(): StoredRecords {
  const stored = new StoredRecords();
  for (const index of [0, 1, 2]) {
    stored.add(`body/${index}`, { sets: { score: index * 10 }, foreach: [{ split: "start/0", index, count: 3 }] });
  }
  return stored;
}

describe("of a fan-out", () => {
  test("are an array in the items' order, packed or not", () => {
    const { inputs, refs } = load(threeItems(), ["body/0-2"]);
    expect(Array.isArray(inputs)).toBe(true);
    expect(inputs.map((input) => input["score"])).toEqual([0, 10, 20]);
    expect(refs).toEqual(["body/0", "body/1", "body/2"]);
  });

  test("load what is touched, and when", () => {
    const { inputs, loads } = load(threeItems(), ["body/0-2"]);
    expect(loads).toEqual([]);
    expect(inputs[1]?.["score"]).toBe(10);
    expect(loads).toEqual(["Score/2/body/1/score"]);
  });

  test("have the run's parameters, the class's methods and getters", () => {
    const { inputs } = load(threeItems(), ["body/0-2"]);
    const [, input] = inputs;
    expect(input?.["alpha"]).toBe(0.5);
    expect(input?.doubled).toBe(20);
    expect(input?.scaled(3)).toBe(30);
    expect(input).toBeInstanceOf(Score);
  });

  test("know their item and place", () => {
    const { inputs } = load(threeItems(), ["body/0-2"]);
    expect([inputs[2]?.["index"], inputs[2]?.["input"]]).toEqual([2, "start/0#2"]);
    const stack = inputs[2]?.["foreachStack"] as () => unknown;
    expect(stack()).toEqual([{ step: "start", index: 2, count: 3, item: "start/0#2" }]);
  });

  test("of an earlier run have that run's items", () => {
    const stored = new StoredRecords();
    stored.add("1:body/0", { sets: { score: 1 }, foreach: [{ split: "start/0", index: 0, count: 2 }] });
    stored.add("body/1", { sets: { score: 2 }, foreach: [{ split: "1:start/0", index: 1, count: 2 }] });
    const { inputs } = load(stored, ["1:body/0", "body/1"]);
    expect(inputs.map((input) => [input["score"], input["input"]])).toEqual([
      [1, "1:start/0#0"],
      [2, "1:start/0#1"],
    ]);
  });

  test("of an earlier run that fanned out in one before have that one's items", () => {
    const stored = new StoredRecords();
    stored.add("1:body/0", { sets: { score: 1 }, foreach: [{ split: "7:start/0", index: 0, count: 1 }] });
    expect(load(stored, ["1:body/0"]).inputs[0]?.["input"]).toBe("7:start/0#0");
  });

  test("of none are an empty array", () => {
    expect(load(new StoredRecords(), []).inputs).toEqual([]);
  });

  test("can be listed, spread and asked for what they have", () => {
    const { inputs, loads } = load(threeItems(), ["body/0-2"]);
    const [, input] = inputs;
    if (input === undefined) throw new Error("no input");
    expect(Object.keys(input).toSorted()).toEqual(["alpha", "score"]);
    expect("score" in input && !("nothing" in input)).toBe(true);
    expect(loads).toEqual([]);
    expect(Object.fromEntries(Object.entries(input))).toEqual({ alpha: 0.5, score: 10 });
    expect(JSON.parse(JSON.stringify(input))).toEqual({ alpha: 0.5, score: 10 });
  });

  test("what a branch did not set is undefined", () => {
    expect(load(threeItems(), ["body/0"]).inputs[0]?.["nothing"]).toBeUndefined();
  });

  test("can be awaited: they are no promises", async () => {
    const { inputs } = load(threeItems(), ["body/0"]);
    const input = await Promise.resolve(inputs[0]);
    expect(input?.["score"]).toBe(0);
  });
});

describe("of a split", () => {
  function branches(): StoredRecords {
    const stored = new StoredRecords();
    stored.add("left/0", { sets: { total: 1 } });
    stored.add("after/0", { sets: { total: 2 } });
    return stored;
  }

  const join = { kind: "split", branches: ["left", "right"] } as const;

  test("go by the name of their first step and of their last", () => {
    const { inputs } = load(branches(), ["left/0", "after/0"], join);
    expect(inputs["left"]?.["total"]).toBe(1);
    expect(inputs["right"]?.["total"]).toBe(2);
    expect(inputs["after"]).toBe(inputs["right"]);
    expect(Object.keys(inputs)).toEqual(["0", "1"]);
  });

  test("a branch named like a method of arrays does not hide it", () => {
    const stored = new StoredRecords();
    stored.add("map/0", { sets: { total: 1 } });
    stored.add("length/0", { sets: { total: 2 } });
    const { inputs } = load(stored, ["map/0", "length/0"], { kind: "split", branches: ["map", "length"] });
    expect(inputs.map((input) => input["total"])).toEqual([1, 2]);
    expect(inputs.length).toBe(2);
  });

  test("what cannot reach a branch is an error that says where it was lost", () => {
    const { inputs } = load(branches(), ["left/0", "after/0"], join);
    expect(() => inputs["left"]?.["gone"]).toThrow(
      expect.objectContaining({ code: "artifact-lost", message: expect.stringMatching(/left.*gone.*before.*earlier/) }),
    );
    expect(() => inputs["left"]?.["aside"]).toThrow(
      expect.objectContaining({ code: "artifact-lost", message: expect.stringMatching(/right does not come before left/) }),
    );
    expect(inputs["left"]?.["again"]).toBeUndefined();
  });
});

describe("can only be read", () => {
  test("the array", () => {
    const { inputs } = load(threeItems(), ["body/0-2"]);
    expect(Object.isFrozen(inputs)).toBe(true);
    expect(() => Array.prototype.push.call(inputs, 1)).toThrow(TypeError);
  });

  test.each<[string, (input: Record<string, unknown>) => unknown]>([
    ["set", (input) => (input["score"] = 1)],
    ["set anew", (input) => (input["fresh"] = 1)],
    ["deleted", (input) => delete input["score"]],
    ["defined", (input) => Object.defineProperty(input, "score", { value: 1 })],
    ["assigned", (input) => Object.assign(input, { score: 1 })],
  ])("a field, %s", (_name, change) => {
    const [input] = load(threeItems(), ["body/0"]).inputs;
    if (input === undefined) throw new Error("no input");
    expect(() => change(input)).toThrow(expect.objectContaining({ code: "input-read-only" }));
    expect(input["score"]).toBe(0);
  });
});
