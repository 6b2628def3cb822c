import { MillraceError } from "../core/errors/millrace-error.js";
import type { Graph, GraphStep } from "../core/graph.js";

/** What a test says that one branch of a join had: its artifacts, and in a foreach the item as `input`. */
export type GivenBranch = Readonly<Record<string, unknown>>;

/** In the order of the branches or items, or, for a static split, by the names of its steps. */
export type GivenBranches = readonly GivenBranch[] | Readonly<Record<string, GivenBranch | undefined>>;

/** One branch that a join takes. */
export interface Branch {
  /** Its last step. */
  readonly last: string;
  readonly input: unknown;
  readonly artifacts: Readonly<Record<string, unknown>>;
}

/**
 * The branches that a join is given, in the split's order.
 * @throws MillraceError `bad-step-start` for branches that the split does not have, or that are missing.
 */
export function givenBranches(graph: Graph, join: GraphStep, split: GraphStep, given: GivenBranches): readonly Branch[] {
  if (split.kind === "foreach") {
    const last = lastStep(graph, join, split.next[0] ?? "");
    if (!isList(given)) throw bad(join, `joins the foreach of ${split.name}`, "Its inputs are an array, one for each item.");
    return given.map((branch) => asBranch(last, branch));
  }
  const targets = split.next.map((first) => ({ first, last: lastStep(graph, join, first) }));
  const names = targets.map(({ last }) => last).join(", ");
  if (isList(given)) {
    if (given.length !== targets.length) {
      throw bad(join, `joins ${targets.length} branches, but was given ${given.length}`, `Its branches end in, in this order: ${names}.`);
    }
    return targets.map(({ last }, index) => asBranch(last, given[index] ?? {}));
  }
  const unknown = Object.keys(given).find((name) => !targets.some(({ first, last }) => name === first || name === last));
  if (unknown !== undefined) throw bad(join, `joins no branch ${unknown}`, `Its branches end in ${names}.`);
  return targets.map(({ first, last }) => {
    const branch = given[last] ?? given[first];
    if (branch === undefined) throw bad(join, `was given nothing for its branch ${last}`, `Give all of ${names}; an empty one is {}.`);
    return asBranch(last, branch);
  });
}

/** The step by which a branch that begins with the given one comes to the join; with several (a switch), the first. */
function lastStep(graph: Graph, join: GraphStep, first: string): string {
  const reached = new Set([first]);
  for (const name of reached) {
    const next = graph.steps.find((step) => step.name === name)?.next ?? [];
    if (next.includes(join.name)) return name;
    for (const target of next) reached.add(target);
  }
  return first;
}

function asBranch(last: string, { input, ...artifacts }: GivenBranch): Branch {
  return { last, input, artifacts };
}

function isList(given: GivenBranches): given is readonly GivenBranch[] {
  return Array.isArray(given);
}

function bad(join: GraphStep, problem: string, instead: string): MillraceError {
  return new MillraceError("bad-step-start", { step: join.name, problem, instead });
}
