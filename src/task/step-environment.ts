import { findDecorator } from "../core/definition.js";
import type { GraphStep } from "../core/graph.js";

/** Sets the variables of a step's `@environment`; the answer puts back what was there before. */
export function setStepEnvironment(step: GraphStep): () => void {
  const vars = findDecorator(step, "environment")?.options["vars"];
  if (typeof vars !== "object" || vars === null) return () => {};
  const before = Object.keys(vars).map((name) => [name, process.env[name]] as const);
  for (const [name, value] of Object.entries(vars)) {
    if (typeof value === "string") process.env[name] = value;
  }
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
