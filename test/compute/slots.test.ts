import { expect, test } from "vitest";
import { heapMb, slotsOf } from "../../src/compute/local/slots.js";
import type { DecoratorUse } from "../../src/core/definition.js";
import type { GraphStep } from "../../src/core/graph.js";

const resources = (options: DecoratorUse["options"]): DecoratorUse => ({ name: "resources", options, from: "code" });
const step = (...decorators: readonly DecoratorUse[]): GraphStep => ({
  name: "a",
  kind: "end",
  next: [],
  takes: "nothing",
  splits: [],
  loops: false,
  decorators,
  lost: [],
});

test.each([
  [{}, 1],
  [{ cpu: 1 }, 1],
  [{ cpu: 2 }, 2],
  [{ cpu: 2.5 }, 3],
  [{ cpu: 0.25 }, 1],
  [{ cpu: 0 }, 1],
])("%j takes %i workers", (options, slots) => {
  expect(slotsOf(step(resources(options)))).toBe(slots);
});

test("a step that asks for nothing takes one", () => {
  expect(slotsOf(step())).toBe(1);
});

test("the heap is as large as the hungriest step asks for, if that is more than the default", () => {
  const flow = (...memory: readonly number[]) => ({ flow: "F", steps: memory.map((mb) => step(resources({ memory: mb }))) });
  expect(heapMb(flow(1000, 8000, 2000), 4000)).toBe(8000);
  expect(heapMb(flow(1000, 2000), 4000)).toBeUndefined();
  expect(heapMb(flow(), 4000)).toBeUndefined();
});
