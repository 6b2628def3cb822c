import type { DecoratorUse } from "../core/definition.js";
import type { GraphStep } from "../core/graph.js";

/** The engines that run steps elsewhere, by the decorators that ask for them. */
export const remoteEngines = ["batch", "slurm"] as const;

export type EngineName = (typeof remoteEngines)[number];

/** Where a step's tasks run: on this machine, or by an engine. What the code says goes before `--with`; `@local` before all. */
export function placeOf({ decorators }: Pick<GraphStep, "decorators">): EngineName | "local" {
  if (decorators.some(({ name }) => name === "local")) return "local";
  return engineIn(decorators.filter(({ from }) => from === "code")) ?? engineIn(decorators) ?? "local";
}

function engineIn(decorators: readonly DecoratorUse[]): EngineName | undefined {
  return remoteEngines.find((engine) => decorators.some(({ name }) => name === engine));
}

/** Every engine that some step asks for, with its steps. */
export function stepsByEngine(steps: readonly GraphStep[]): ReadonlyMap<EngineName, readonly GraphStep[]> {
  const found = new Map<EngineName, GraphStep[]>();
  for (const step of steps) {
    const place = placeOf(step);
    if (place !== "local") found.set(place, [...(found.get(place) ?? []), step]);
  }
  return found;
}
