import { MillraceError } from "../core/errors/millrace-error.js";
import type { Graph, GraphStep } from "../core/graph.js";
import { formatTaskId } from "../core/task-id.js";
import { formatTaskRef, type TaskRef } from "../core/task-ref.js";
import type { ForeachFrame } from "../core/records.js";
import type { TaskSpec } from "../core/task-spec.js";
import type { RunContext } from "../task/run-context.js";
import { givenBranches, type GivenBranches } from "./given-branches.js";
import { writeFinishedTask } from "./written-task.js";

/** One open fan-out, outermost first, as a test describes it. */
export interface GivenFrame {
  readonly item?: unknown;
  /** Default 0. */
  readonly index?: number;
  /** Default: as many as there have to be. */
  readonly count?: number;
}

/** Where a test starts a step. */
export interface GivenPlace {
  readonly input?: unknown;
  readonly index?: number;
  readonly foreachStack?: readonly GivenFrame[];
  readonly inputs?: GivenBranches;
}

/** What a task starts from, as the scheduler would tell it. */
export type StepStart = Pick<TaskSpec, "task" | "foreach" | "parents" | "join">;

/**
 * Writes the tasks that a step goes on from: the fan-outs it stands in, the branches it joins.
 * @throws MillraceError `bad-step-start`
 */
export async function writeStepStart(context: RunContext, step: GraphStep, given: GivenPlace): Promise<StepStart> {
  const { graph } = context.run.record;
  const foreach = await writeFrames(context, openForeaches(graph, step), givenFrames(graph, step, given));
  const path = foreach.map(({ index }) => index);
  const start = { task: formatTaskId(path, 0), foreach };
  const { joins } = step;
  if (joins === undefined) {
    if (given.inputs !== undefined) throw bad(step, "is no join and takes no inputs", "Give it artifacts and, in a foreach, input.");
    return { ...start, parents: [] };
  }
  if (given.inputs === undefined) throw bad(step, "is a join and was given no inputs", "Give it the branches it joins: { inputs: [{ … }, { … }] }.");
  return { ...start, ...(await writeBranches(context, { graph, step, split: stepOf(graph, joins), foreach, given: given.inputs })) };
}

/** The foreach steps whose items are open where a step runs, outermost first. */
function openForeaches(graph: Graph, step: GraphStep): readonly GraphStep[] {
  return step.splits.map((name) => stepOf(graph, name)).filter(({ kind }) => kind === "foreach");
}

function givenFrames(graph: Graph, step: GraphStep, given: GivenPlace): readonly GivenFrame[] {
  const open = openForeaches(graph, step);
  const innermost = { ...("input" in given && { item: given.input }), ...(given.index !== undefined && { index: given.index }) };
  const says = Object.keys(innermost).length > 0;
  if (given.foreachStack !== undefined) {
    if (says) throw bad(step, "was given foreachStack and input or index", "The last entry of foreachStack says what input and index would.");
    if (given.foreachStack.length !== open.length) {
      const names = open.map(({ name }) => name).join(", ");
      throw bad(
        step,
        `stands in ${open.length} foreach, but was given ${given.foreachStack.length}`,
        `Outermost first, its foreach are made by: ${names}.`,
      );
    }
    return given.foreachStack;
  }
  if (open.length === 0) {
    if (says) throw bad(step, "stands in no foreach and has no input and no index", "Leave input and index out.");
    return [];
  }
  if (step.takes === "item" && !("input" in given)) throw bad(step, "takes an item", "Give it one: { input: … }.");
  return [...open.slice(1).map(() => ({})), innermost];
}

/** Writes the tasks that fanned out. */
async function writeFrames(context: RunContext, splits: readonly GraphStep[], frames: readonly GivenFrame[]): Promise<readonly ForeachFrame[]> {
  const written: ForeachFrame[] = [];
  for (const [level, split] of splits.entries()) {
    const { item, index = 0, count = index + 1 } = frames[level] ?? {};
    const items = Array.from({ length: count }, (_, at) => (at === index ? item : undefined));
    written.push({ split: await writeFanOut(context, split, written, items), index, count });
  }
  return written;
}

async function writeFanOut(context: RunContext, split: GraphStep, foreach: readonly ForeachFrame[], items: readonly unknown[]): Promise<TaskRef> {
  const task = formatTaskId(
    foreach.map(({ index }) => index),
    0,
  );
  const target = split.next[0] ?? "";
  await writeFinishedTask(context, { step: split.name, task, foreach: [...foreach], next: { kind: "foreach", target, count: items.length }, items });
  return formatTaskRef(split.name, task);
}

interface Joining {
  readonly graph: Graph;
  readonly step: GraphStep;
  readonly split: GraphStep;
  /** Around the join. */
  readonly foreach: readonly ForeachFrame[];
  readonly given: GivenBranches;
}

async function writeBranches(context: RunContext, joining: Joining): Promise<Pick<TaskSpec, "parents" | "join">> {
  const { graph, step, split, foreach, given } = joining;
  const next = { kind: "next", targets: [step.name] } as const;
  const path = foreach.map(({ index }) => index);
  const branches = givenBranches(graph, step, split, given);
  const parents: TaskRef[] = [];
  if (split.kind !== "foreach") {
    for (const { last, artifacts } of branches) {
      const task = formatTaskId(path, 0);
      await writeFinishedTask(context, { step: last, task, foreach, next, artifacts });
      parents.push(formatTaskRef(last, task));
    }
    return { parents, join: { kind: "split", branches: split.next } };
  }
  const fanOut = await writeFanOut(
    context,
    split,
    foreach,
    branches.map(({ input }) => input),
  );
  for (const [index, { last, artifacts }] of branches.entries()) {
    const task = formatTaskId([...path, index], 0);
    await writeFinishedTask(context, {
      step: last,
      task,
      foreach: [...foreach, { split: fanOut, index, count: branches.length }],
      next,
      artifacts,
    });
    parents.push(formatTaskRef(last, task));
  }
  return { parents, join: { kind: "foreach" } };
}

function stepOf(graph: Graph, name: string): GraphStep {
  const step = graph.steps.find((one) => one.name === name);
  if (step === undefined) throw new Error(`the graph has no step ${name}`);
  return step;
}

function bad(step: GraphStep, problem: string, instead: string): MillraceError {
  return new MillraceError("bad-step-start", { step: step.name, problem, instead });
}
