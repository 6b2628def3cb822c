/**
 * A flow as nested blocks: the one description from which a shape's TypeScript is written (source.ts) and its results are
 * predicted (oracle.ts). The two know nothing of each other.
 */
export type Block = StepBlock | BranchBlock | ForeachBlock | SwitchBlock | LoopBlock;

export interface StepBlock {
  readonly kind: "step";
  readonly name: string;
}

/** A static split and its join. */
export interface BranchBlock {
  readonly kind: "branch";
  /** The step that splits; absent: the last step of the block before does (a join that branches). */
  readonly split?: string;
  readonly arms: readonly (readonly Block[])[];
  readonly join: string;
  readonly carry: Carry;
}

/** A fan-out over `count` items and its join. */
export interface ForeachBlock {
  readonly kind: "foreach";
  readonly split?: string;
  readonly count: number;
  readonly body: readonly Block[];
  readonly join: string;
  readonly carry: Carry;
}

/** A switch; the arm is the innermost index, or `pick` outside a fan-out, modulo the arms. An empty arm goes straight on. */
export interface SwitchBlock {
  readonly kind: "switch";
  readonly at?: string;
  readonly arms: readonly (readonly Block[])[];
  readonly pick: number;
}

/** After the body, the step `at` goes back to the body's first step (to itself when there is none) until `rounds` are done. */
export interface LoopBlock {
  readonly kind: "loop";
  readonly at: string;
  readonly rounds: number;
  readonly body: readonly Block[];
}

/** What a join carries over: nothing, all that does not conflict, or named artifacts. */
export type Carry = "nothing" | "merge" | "include";

export type Flow = readonly Block[];

/** The step a block starts with; undefined when the block before it brings its first step along. */
export function headOf(block: Block): string | undefined {
  switch (block.kind) {
    case "step":
      return block.name;
    case "branch":
    case "foreach":
      return block.split;
    case "switch":
      return block.at;
    case "loop":
      return block.body[0] === undefined ? block.at : headOf(block.body[0]);
  }
}

/** Every step of the blocks, in order. */
export function stepNames(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => {
    switch (block.kind) {
      case "step":
        return [block.name];
      case "branch":
        return [...present(block.split), ...block.arms.flatMap(stepNames), block.join];
      case "foreach":
        return [...present(block.split), ...stepNames(block.body), block.join];
      case "switch":
        return [...present(block.at), ...block.arms.flatMap(stepNames)];
      case "loop":
        return [...stepNames(block.body), block.at];
    }
  });
}

/** The steps that join. */
export function joinNames(blocks: readonly Block[]): ReadonlySet<string> {
  return new Set(
    blocks.flatMap((block) => [
      ...(block.kind === "branch" || block.kind === "foreach" ? [block.join] : []),
      ...("arms" in block ? block.arms : "body" in block ? [block.body] : []).flatMap((inner) => [...joinNames(inner)]),
    ]),
  );
}

function present(name: string | undefined): string[] {
  return name === undefined ? [] : [name];
}

export const linear = (name: string): StepBlock => ({ kind: "step", name });

/** Steps one after another. */
export const line = (...names: readonly string[]): StepBlock[] => names.map(linear);

export function branch(split: string | undefined, arms: readonly (readonly Block[])[], join: string, carry: Carry = "nothing"): BranchBlock {
  return { kind: "branch", ...(split !== undefined && { split }), arms, join, carry };
}

export function foreach(split: string | undefined, count: number, body: readonly Block[], join: string, carry: Carry = "nothing"): ForeachBlock {
  return { kind: "foreach", ...(split !== undefined && { split }), count, body, join, carry };
}

export function choice(at: string | undefined, arms: readonly (readonly Block[])[], pick = 0): SwitchBlock {
  return { kind: "switch", ...(at !== undefined && { at }), arms, pick };
}

export function loop(at: string, rounds: number, body: readonly Block[] = []): LoopBlock {
  return { kind: "loop", at, rounds, body };
}

/** How a task is made to fail (see `TRIAL` in source.ts). */
export type Fault = "throw" | "exit" | "kill" | "unhandled" | "uncaught" | "slow" | "spin";
