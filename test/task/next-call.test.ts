import { describe, expect, test } from "vitest";
import type { GraphStep } from "../../src/core/graph.js";
import { readNextCall, type NextCall } from "../../src/task/next-call.js";

const a = (): void => {};
const b = (): void => {};
const body = (): void => {};
const names = new Map<unknown, string>([
  [a, "a"],
  [b, "b"],
  [body, "body"],
]);

const step = (kind: GraphStep["kind"], ...next: readonly string[]): GraphStep => ({
  name: "here",
  kind,
  next,
  takes: "nothing",
  splits: [],
  loops: false,
  decorators: [],
  lost: [],
});
const read = (at: GraphStep, ...args: readonly unknown[]): NextCall => readNextCall(at, args, (target) => names.get(target));
const fanOut = step("foreach", "body");

describe("reads", () => {
  test.each<[string, GraphStep, unknown[], string[]]>([
    ["a linear edge", step("linear", "a"), [a], ["a"]],
    ["a switch's choice", step("switch", "a", "b"), [b], ["b"]],
    ["a split, in the order of the call", step("split", "a", "b"), [b, a], ["b", "a"]],
  ])("%s", (_name, at, args, targets) => {
    expect(read(at, ...args)).toEqual({ kind: "next", targets });
  });

  test("a fan-out, with its defaults", () => {
    const items = new Set([1, 2]);
    expect(read(fanOut, body, { foreach: items })).toEqual({
      kind: "foreach",
      target: "body",
      items,
      label: undefined,
      concurrency: undefined,
      allowEmpty: false,
    });
  });

  test("a fan-out's options", () => {
    const call = read(fanOut, body, {
      foreach: [],
      label: (item: unknown, index: number) => `${String(item)}-${index}`,
      concurrency: 4,
      allowEmpty: true,
    });
    expect(call).toMatchObject({ concurrency: 4, allowEmpty: true });
    if (call.kind !== "foreach") throw new Error("no fan-out");
    expect([call.label?.("x"), call.label?.("y")]).toEqual(["x-0", "y-1"]);
  });

  test.each([
    ["array", [1]],
    ["set", new Set([1])],
    ["map", new Map([[1, 2]])],
    ["typed array", new Uint8Array(2)],
    ["generator", (function* () {})()],
    ["async generator", (async function* () {})()],
  ])("items of any iterable: %s", (_name, items) => {
    expect(read(fanOut, body, { foreach: items })).toMatchObject({ items });
  });
});

describe("refuses, naming the step and the value", () => {
  test.each<[string, GraphStep, unknown[], string, string]>([
    ["nothing", step("linear", "a"), [], "bad-next-call", "it names no step"],
    ["options alone", fanOut, [{ foreach: [] }], "bad-next-call", "it names no step"],
    ["something that is no step", step("linear", "a"), [undefined], "next-target-unknown", "undefined"],
    ["a text", step("linear", "a"), ["a"], "next-target-unknown", '"a"'],
    ["another function", step("linear", "a"), [function other() {}], "next-target-unknown", "the function other"],
    ["a promise: the step was called", step("linear", "a"), [Promise.resolve()], "bad-next-call", "it names no step"],
    ["two of which one is no step", step("split", "a", "b"), [a, 7], "next-target-unknown", "7"],
    ["items that cannot be iterated", fanOut, [body, { foreach: 7 }], "foreach-not-iterable", "7"],
    ["no items", fanOut, [body, { foreach: undefined }], "foreach-not-iterable", "undefined"],
    ["items in an object", fanOut, [body, { foreach: { length: 3 } }], "foreach-not-iterable", "an object (Object)"],
    ["items in a text", fanOut, [body, { foreach: "abc" }], "foreach-string", '"abc"'],
    ["a misspelt option", fanOut, [body, { forEach: [] }], "bad-next-call", "did you mean foreach?"],
    ["an unknown option", fanOut, [body, { foreach: [], shuffle: true }], "bad-next-call", "it has no option shuffle"],
    ["a label that is no function", fanOut, [body, { foreach: [], label: "x" }], "bad-next-call", 'label is a function (item) => string, not "x"'],
    ["half a task at once", fanOut, [body, { foreach: [], concurrency: 1.5 }], "bad-next-call", "1.5"],
    ["none at once", fanOut, [body, { foreach: [], concurrency: 0 }], "bad-next-call", "not 0"],
    ["a fan-out to two", fanOut, [body, a, { foreach: [] }], "bad-next-call", "body and a"],
    ["a step that the graph has not", step("linear", "a"), [b], "next-not-in-graph", "this.next(this.b)"],
    ["a split where the graph has a switch", step("switch", "a", "b"), [a, b], "next-not-in-graph", "this.next(this.a, this.b)"],
    ["a part of a split", step("split", "a", "b"), [a], "next-not-in-graph", "this.next(this.a)"],
    ["one branch twice", step("split", "a", "b"), [a, a], "next-not-in-graph", "this.next(this.a, this.a)"],
    ["a fan-out where the graph has an edge", step("linear", "body"), [body, { foreach: [1] }], "next-not-in-graph", "{ foreach }"],
    ["an edge where the graph has a fan-out", fanOut, [body], "next-not-in-graph", "this.next(this.body)"],
  ])("%s", (_name, at, args, code, words) => {
    expect(() => read(at, ...args)).toThrow(expect.objectContaining({ code, message: expect.stringContaining("here") }));
    expect(() => read(at, ...args)).toThrow(words);
  });
});
