import { beforeEach, describe, expect, test } from "vitest";
import type { GraphStep } from "../../src/core/graph.js";
import { ArtifactWriter } from "../../src/datastore/artifacts/artifact-writer.js";
import { ItemsReader } from "../../src/datastore/artifacts/items-reader.js";
import { MemoryStore } from "../../src/store/memory-store.js";
import { ProcessGuard } from "../../src/task/process-guard.js";
import { caughtEnd, StepTransition } from "../../src/task/step-transition.js";

let store: MemoryStore;

beforeEach(() => {
  store = new MemoryStore();
});

const step = (kind: GraphStep["kind"], next: readonly string[], name = "here"): GraphStep => ({
  name,
  kind,
  next,
  takes: "nothing",
  splits: [],
  loops: false,
  decorators: [],
  lost: [],
});

function transition(of: GraphStep, maxNumSplits = 100): StepTransition {
  const nameOf = (target: unknown): string | undefined => (typeof target === "string" ? target : undefined);
  return new StepTransition({ step: of, nameOf, store, guard: new ProcessGuard(), maxNumSplits });
}

const settle = (made: StepTransition) => made.settle(new ArtifactWriter(store));

describe("a step goes on", () => {
  test("to what it said, in the order it said it", async () => {
    const made = transition(step("split", ["a", "b"]));
    made.next(["b", "a"]);
    expect(await settle(made)).toEqual({ transition: { kind: "next", targets: ["b", "a"] } });
  });

  test("nowhere, if it is the end", async () => {
    expect(await settle(transition(step("end", [], "end")))).toEqual({ transition: { kind: "end" } });
  });

  test("for each item, which are stored one by one", async () => {
    const made = transition(step("foreach", ["body"]));
    made.next(["body", { foreach: new Set(["x", "y"]), label: (item: unknown) => `item ${String(item)}`, concurrency: 2 }]);
    const { transition: fanOut, items } = await settle(made);
    expect(fanOut).toEqual({ kind: "foreach", target: "body", count: 2, concurrency: 2 });
    if (items === undefined) throw new Error("no items");
    const reader = new ItemsReader(store);
    expect([0, 1].map((index) => reader.itemSync(items, index, "items").value)).toEqual(["x", "y"]);
    expect([0, 1].map((index) => reader.labelSync(items, index, "items"))).toEqual(["item x", "item y"]);
  });

  test("with no items where that is allowed", async () => {
    const made = transition(step("foreach", ["body"]));
    made.next(["body", { foreach: [], allowEmpty: true }]);
    expect((await settle(made)).transition).toEqual({ kind: "foreach", target: "body", count: 0 });
  });
});

describe("it is an error", () => {
  test("to say nothing", async () => {
    await expect(settle(transition(step("switch", ["a", "b"])))).rejects.toMatchObject({
      code: "next-missing",
      hint: expect.stringContaining("a, b"),
    });
  });

  test("to say it twice, whatever the first was", () => {
    const made = transition(step("switch", ["a", "b"]));
    made.next(["a"]);
    expect(() => made.next(["b"])).toThrow(
      expect.objectContaining({ code: "next-twice", message: expect.stringMatching(/first this\.a, then this\.b/) }),
    );
  });

  test("for the end to say anything", () => {
    expect(() => transition(step("end", [], "end")).next(["a"])).toThrow(expect.objectContaining({ code: "next-in-end" }));
  });

  test("to have no items where that is not allowed", async () => {
    const made = transition(step("foreach", ["body"]));
    made.next(["body", { foreach: [] }]);
    await expect(settle(made)).rejects.toMatchObject({ code: "foreach-empty" });
  });

  test.each([
    ["an array", [1, 2, 3, 4]],
    [
      "a generator without an end",
      (function* () {
        for (;;) yield 1;
      })(),
    ],
  ])("to have more items than the run allows: %s", async (_name, items) => {
    const made = transition(step("foreach", ["body"]), 3);
    made.next(["body", { foreach: items }]);
    await expect(settle(made)).rejects.toMatchObject({ code: "foreach-too-wide" });
  });

  test("to have as many as it allows is none", async () => {
    const made = transition(step("foreach", ["body"]), 3);
    made.next(["body", { foreach: [1, 2, 3] }]);
    expect((await settle(made)).transition).toMatchObject({ count: 3 });
  });

  test("when the items' own code throws", async () => {
    const made = transition(step("foreach", ["body"]));
    const items = (function* () {
      yield 1;
      throw new RangeError("no second");
    })();
    made.next(["body", { foreach: items }]);
    await expect(settle(made)).rejects.toThrow("no second");
  });
});

test("a step whose failure was caught goes on as it would have", () => {
  expect(caughtEnd(step("linear", ["a"]))).toEqual({ transition: { kind: "next", targets: ["a"] } });
  expect(caughtEnd(step("split", ["a", "b"]))).toEqual({ transition: { kind: "next", targets: ["a", "b"] } });
  expect(caughtEnd(step("end", []))).toEqual({ transition: { kind: "end" } });
});
