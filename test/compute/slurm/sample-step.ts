import type { GraphStep } from "../../../src/core/graph.js";
import type { JsonObject } from "../../../src/core/json.js";

/** A step with these decorators. */
export function stepWith(decorators: Readonly<Record<string, JsonObject>>): GraphStep {
  return {
    name: "train",
    kind: "end",
    next: [],
    takes: "nothing",
    splits: [],
    loops: false,
    decorators: Object.entries(decorators).map(([name, options]) => ({ name, options, from: "code" })),
    lost: [],
  };
}
