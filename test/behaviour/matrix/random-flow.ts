import type { Random } from "../../rig/random.js";
import { branch, choice, foreach, line, loop, type Block, type Carry, type Flow } from "./model.js";

/** A flow of random shape, at most so deep, whose fan-outs stay small. The same seed gives the same flow. */
export function randomFlow(random: Random): Flow {
  let names = 0;
  const name = (kind: string): string => `${kind}${names++}`;
  const carries: readonly Carry[] = ["nothing", "merge", "include"];
  const carry = (): Carry => carries[random.below(carries.length)] ?? "nothing";

  /** Blocks one after another; each may bring its first step from the join before it. */
  const sequence = (depth: number, most: number): Block[] => {
    const blocks: Block[] = [];
    const count = 1 + random.below(most);
    for (let place = 0; place < count; place++) {
      const before = blocks.at(-1);
      const fused = (before?.kind === "branch" || before?.kind === "foreach") && random.next() < 0.5;
      const next = block(depth, fused);
      // A loop is entered by a step of its own, so that no item comes back to the step that took it.
      if (next.kind === "loop") blocks.push(...line(name("enter")));
      blocks.push(next);
    }
    return blocks;
  };

  const block = (depth: number, fused: boolean): Block => {
    const head = (kind: string): string | undefined => (fused ? undefined : name(kind));
    switch (depth <= 0 ? 0 : random.below(6)) {
      case 1:
        return branch(
          head("fork"),
          Array.from({ length: 2 + random.below(2) }, () => sequence(depth - 1, 2)),
          name("meet"),
          carry(),
        );
      case 2:
      case 3:
        return foreach(head("fan"), 1 + random.below(3), sequence(depth - 1, 2), name("gather"), carry());
      case 4:
        return choice(
          head("pick"),
          Array.from({ length: 2 + random.below(2) }, (_, arm) => (arm > 0 && random.next() < 0.25 ? [] : sequence(depth - 1, 2))),
          random.below(3),
        );
      case 5:
        return loop(name("again"), 1 + random.below(3), random.next() < 0.4 ? [] : sequence(depth - 1, 2));
      default:
        return line(name("work"))[0] ?? { kind: "step", name: "work" };
    }
  };

  return [...line("start"), ...sequence(3, 3), ...line("end")];
}
