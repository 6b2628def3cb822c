import * as fc from "fast-check";
import type { TaskRef } from "../../src/core/task-ref.js";
import { headOf, type Part, type Sequence } from "./flow-model.js";
import type { Decisions } from "./interpreter.js";

/** A part without names: they are given when the flow is whole. */
type Shape =
  | { readonly kind: "step" }
  | { readonly kind: "split"; readonly bare: boolean; readonly arms: readonly (readonly Shape[])[] }
  | { readonly kind: "foreach"; readonly bare: boolean; readonly body: readonly Shape[] }
  | { readonly kind: "switch"; readonly bare: boolean; readonly arms: readonly (readonly Shape[])[] }
  | { readonly kind: "loop"; readonly body: readonly Shape[] };

const { sequence } = fc.letrec<{ sequence: readonly Shape[]; shape: Shape }>((tie) => ({
  sequence: fc.array(tie("shape"), { minLength: 1, maxLength: 3 }),
  shape: fc.oneof(
    { maxDepth: 3, depthSize: "medium", withCrossShrink: true },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("step" as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("split" as const),
        bare: fc.boolean(),
        arms: fc.array(tie("sequence"), { minLength: 2, maxLength: 3 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("foreach" as const), bare: fc.boolean(), body: tie("sequence") }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("switch" as const),
        bare: fc.boolean(),
        arms: fc
          .tuple(fc.boolean(), fc.array(tie("sequence"), { minLength: 1, maxLength: 2 }))
          .map(([straightOn, arms]): readonly (readonly Shape[])[] => (straightOn || arms.length === 1 ? [...arms, []] : arms)),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("loop" as const), body: fc.oneof(fc.constant([]), tie("sequence")) }) },
  ),
}));

/** A valid flow, from `start` to `end`, of every kind of part inside every other. */
export const arbitraryFlow: fc.Arbitrary<Sequence> = fc.record({ shapes: sequence, endJoins: fc.boolean() }).map(({ shapes, endJoins }) => {
  let count = 0;
  const name = (): string => `s${++count}`;
  const parts = named(shapes, name);
  const last = parts.at(-1);
  const joined = endJoins && last !== undefined && "join" in last;
  return joined
    ? [{ kind: "step", name: "start" }, ...parts.slice(0, -1), { ...last, join: "end" }]
    : [{ kind: "step", name: "start" }, ...parts, { kind: "step", name: "end" }];
});

function named(shapes: readonly Shape[], name: () => string): Part[] {
  const parts: Part[] = [];
  for (const shape of shapes) {
    const before = parts.at(-1);
    // Only a join can do the next part's work too.
    const own = "bare" in shape && shape.bare && before !== undefined && "join" in before ? undefined : name();
    switch (shape.kind) {
      case "step":
        parts.push({ kind: "step", name: name() });
        break;
      case "split":
        parts.push({ kind: "split", name: own, arms: shape.arms.map((arm) => named(arm, name)), join: name() });
        break;
      case "foreach":
        parts.push({ kind: "foreach", name: own, body: named(shape.body, name), join: name() });
        break;
      case "switch":
        parts.push({ kind: "switch", name: own, arms: shape.arms.map((arm) => named(arm, name)) });
        break;
      case "loop":
        parts.push({ kind: "loop", name: name(), body: named(shape.body, name) });
        break;
    }
  }
  return parts;
}

/** Decisions that differ from task to task and are the same each time they are asked for. */
export function decisionsOf(seed: number, limits: { readonly items: number; readonly laps: number }): Decisions {
  return {
    count: (task) => hash(seed, task) % (limits.items + 1),
    concurrency: (task) => [undefined, undefined, 1, 2][hash(seed + 1, task) % 4],
    arm: (task, arms) => hash(seed + 2, task) % arms,
    laps: (task) => 1 + (hash(seed + 3, task) % limits.laps),
  };
}

/** FNV-1a. */
export function hash(seed: number, task: TaskRef): number {
  let value = (0x811c9dc5 ^ seed) >>> 0;
  for (const character of task) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return (value ^ (value >>> 15)) >>> 0;
}

/** Shown when a property fails. */
export function describeFlow(flow: Sequence): string {
  return flow
    .map((part) => {
      switch (part.kind) {
        case "step":
          return part.name;
        case "split":
          return `${part.name ?? ""}{${part.arms.map(describeFlow).join(" | ")}}${part.join}`;
        case "foreach":
          return `${part.name ?? ""}[${describeFlow(part.body)}]${part.join}`;
        case "switch":
          return `${part.name ?? ""}?(${part.arms.map(describeFlow).join(" | ")})`;
        case "loop":
          return `loop ${headOf([part])}…(${describeFlow(part.body)} ${part.name})`;
      }
    })
    .join(" ");
}
