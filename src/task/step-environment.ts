import { findDecorator } from "../core/definition.js";
import type { GraphStep } from "../core/graph.js";

/** Environment variables and their values. */
export type Variables = Readonly<Record<string, string>>;

/** The variables of a step's `@environment`. */
export function stepVariables(step: GraphStep): Variables {
  const vars = findDecorator(step, "environment")?.options["vars"];
  if (typeof vars !== "object" || vars === null) return {};
  return Object.fromEntries(Object.entries(vars).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/** Sets variables; the answer puts back what was there before. */
export function setVariables(variables: Variables): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  for (const [name, value] of Object.entries(variables)) process.env[name] = value;
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

/** What the process that runs the step was given as the variable. */
export function environmentVariable(name: string): string | undefined {
  return process.env[name];
}
