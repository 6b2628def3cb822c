import type { DecoratorUse } from "../../src/core/definition.js";
import type { Graph, GraphStep } from "../../src/core/graph.js";

/**
 * A flow as nested parts: the one description from which a test's graph is made (here) and its tasks are predicted
 * (interpreter.ts). A split, foreach or switch without a name is done by the join of the part before it.
 */
export type Part =
  | { readonly kind: "step"; readonly name: string }
  | { readonly kind: "split"; readonly name: string | undefined; readonly arms: readonly Sequence[]; readonly join: string }
  | { readonly kind: "foreach"; readonly name: string | undefined; readonly body: Sequence; readonly join: string }
  | { readonly kind: "switch"; readonly name: string | undefined; readonly arms: readonly Sequence[] }
  /** After the body, the step goes back to the body's first step (to itself when there is none) or on. */
  | { readonly kind: "loop"; readonly name: string; readonly body: Sequence };

export type Sequence = readonly Part[];

export const step = (name: string): Part => ({ kind: "step", name });
export const steps = (...names: readonly string[]): Part[] => names.map(step);
export const split = (name: string | undefined, arms: readonly Sequence[], join: string): Part => ({ kind: "split", name, arms, join });
export const foreach = (name: string | undefined, body: Sequence, join: string): Part => ({ kind: "foreach", name, body, join });
export const choice = (name: string | undefined, ...arms: readonly Sequence[]): Part => ({ kind: "switch", name, arms });
export const loop = (name: string, ...body: Sequence): Part => ({ kind: "loop", name, body });

/** The step that a sequence starts with. */
export function headOf(sequence: Sequence): string {
  const [first] = sequence;
  if (first === undefined) throw new Error("an empty sequence has no first step");
  const name = first.kind === "loop" ? (first.body.length === 0 ? first.name : headOf(first.body)) : first.name;
  if (name === undefined) throw new Error("a sequence starts with a step of its own");
  return name;
}

type Role = Pick<GraphStep, "kind" | "next">;

const linear = (next: string): Role => ({ kind: "linear", next: [next] });

/** The graph of a flow; `decorators` are by step. */
export function graphOf(flow: Sequence, decorators: Readonly<Record<string, readonly DecoratorUse[]>> = {}): Graph {
  const nodes = new Map<string, GraphStep>();
  const emit = (name: string, role: Role, inLoop: boolean, joins?: string): void => {
    const takes = joins === undefined ? "nothing" : "inputs";
    nodes.set(name, {
      name,
      ...role,
      takes,
      splits: [],
      loops: inLoop,
      decorators: decorators[name] ?? [],
      lost: [],
      ...(joins !== undefined && { joins }),
    });
  };
  const compile = (parts: Sequence, follow: string | undefined, inLoop: boolean): void => {
    let role: Role = follow === undefined ? { kind: "end", next: [] } : linear(follow);
    let entry = follow;
    for (const [index, part] of [...parts.entries()].toReversed()) {
      const before = parts[index - 1];
      switch (part.kind) {
        case "step":
          emit(part.name, role, inLoop);
          break;
        case "split":
        case "foreach": {
          const splitter = part.name ?? (before !== undefined && "join" in before ? before.join : "");
          emit(part.join, role, inLoop, splitter);
          const arms = part.kind === "split" ? part.arms : [part.body];
          for (const arm of arms) compile(arm, part.join, inLoop);
          role = { kind: part.kind, next: arms.map(headOf) };
          if (part.name !== undefined) emit(part.name, role, inLoop);
          break;
        }
        case "switch": {
          const after = entry ?? "";
          for (const arm of part.arms) compile(arm, after, inLoop);
          role = { kind: "switch", next: part.arms.map((arm) => (arm.length === 0 ? after : headOf(arm))) };
          if (part.name !== undefined) emit(part.name, role, inLoop);
          break;
        }
        case "loop": {
          compile(part.body, part.name, true);
          emit(part.name, { kind: "switch", next: [headOf([part]), entry ?? ""] }, true);
          break;
        }
      }
      if (part.kind !== "loop" && part.name === undefined) continue;
      entry = headOf([part]);
      role = linear(entry);
    }
  };
  compile(flow, undefined, false);
  return { flow: "Flow", steps: [...nodes.values()] };
}
