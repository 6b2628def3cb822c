import { isSameArtifact, type ArtifactRef } from "../core/artifact-ref.js";
import type { Graph, GraphStep } from "../core/graph.js";
import type { RunStatus } from "../core/records.js";
import { ArtifactReader } from "../datastore/artifacts/artifact-reader.js";
import type { RunStore } from "../datastore/run-store.js";
import { readRunTasks, type RunTask, type RunTasks } from "../datastore/run-tasks.js";
import { compareStored } from "./artifact-comparison.js";
import { compareCode, type CodeDiff } from "./code-diff.js";
import { short, type ValueChange } from "./value-change.js";

/** Values of one artifact of a step that are read to tell how they differ; more are counted. */
const MAX_EXAMPLES = 3;
/** Values that are read in all to tell how they differ. */
const MAX_READS = 200;

/** A run as one of two. */
export interface DiffSide {
  readonly run: RunStore;
  readonly status: RunStatus;
  /** Milliseconds; undefined when nobody knows. */
  readonly durationMs: number | undefined;
  /** Its first failure, in a line. */
  readonly failure: string | undefined;
  readonly tags: readonly string[];
}

/** How two runs differ. “Before” is the one that is named first. */
export interface RunDiff {
  readonly before: DiffSide;
  readonly after: DiffSide;
  readonly parameters: readonly NamedChange[];
  /** Values of field initialisers. */
  readonly initial: readonly NamedChange[];
  readonly code: CodeDiff;
  readonly graph: readonly GraphChange[];
  /** In the order of the second run's graph, then those of the first alone. */
  readonly steps: readonly StepDiff[];
  readonly damaged: readonly Error[];
}

/** A named value that only one of them has, or that differs. */
export interface NamedChange {
  readonly name: string;
  readonly kind: "added" | "removed" | "changed";
  readonly change: ValueChange;
}

export interface GraphChange {
  readonly step: string;
  readonly kind: "added" | "removed" | "changed";
  /** What changed of it: `goes on to a, b instead of a`. */
  readonly changes: readonly string[];
}

export interface StepDiff {
  readonly step: string;
  readonly before: StepSide;
  readonly after: StepSide;
  /** Tasks that only one of the runs has. */
  readonly onlyBefore: number;
  readonly onlyAfter: number;
  /** Tasks that both have. */
  readonly both: number;
  /** What these set. */
  readonly artifacts: readonly ArtifactDiff[];
}

export interface StepSide {
  readonly done: number;
  readonly failed: number;
  readonly running: number;
  /** Of its tasks at work together, milliseconds; those of earlier runs included. */
  readonly workMs: number;
}

/** An artifact of a step, over all tasks that both runs have. */
export interface ArtifactDiff {
  readonly name: string;
  readonly same: number;
  readonly changed: number;
  readonly added: number;
  readonly removed: number;
  /** The first that differ. */
  readonly examples: readonly { readonly task: string; readonly change: ValueChange }[];
}

/** Compares two runs, by the hashes of what they stored first; values are read only to tell how they differ, and not too many. */
export async function compareRuns(before: RunStore, after: RunStore, now: number): Promise<RunDiff> {
  const [[beforeSide, beforeTasks], [afterSide, afterTasks], code] = await Promise.all([
    readSide(before, now),
    readSide(after, now),
    compareCode(before, after),
  ]);
  const comparison = new Comparison(before, after);
  return {
    before: beforeSide,
    after: afterSide,
    parameters: await comparison.named(before.record.parameters, after.record.parameters),
    initial: await comparison.named(before.record.initial, after.record.initial),
    code,
    graph: compareGraphs(before.record.graph, after.record.graph),
    steps: await comparison.steps(beforeTasks, afterTasks),
    damaged: [...beforeTasks.damaged, ...afterTasks.damaged],
  };
}

async function readSide(run: RunStore, now: number): Promise<readonly [DiffSide, RunTasks]> {
  const tasks = await readRunTasks(run, now);
  const [result, tags] = await Promise.all([run.result(), run.tags()]);
  const failure = result?.failure ?? result?.failed[0]?.failure ?? tasks.tasks.find(({ status }) => status === "failed")?.failure;
  const durationMs = result === undefined ? undefined : result.finishedAt - run.record.startedAt;
  const line = failure === undefined ? undefined : `${failure.name}: ${failure.message}`.split("\n")[0];
  return [{ run, status: tasks.status, durationMs, failure: line, tags }, tasks];
}

interface ReadRun {
  readonly run: RunStore;
  readonly reader: ArtifactReader;
}

class Comparison {
  readonly #before: ReadRun;
  readonly #after: ReadRun;
  #reads = 0;

  constructor(before: RunStore, after: RunStore) {
    this.#before = { run: before, reader: new ArtifactReader(before.store) };
    this.#after = { run: after, reader: new ArtifactReader(after.store) };
  }

  async named(before: Readonly<Record<string, ArtifactRef>>, after: Readonly<Record<string, ArtifactRef>>): Promise<NamedChange[]> {
    const changes: NamedChange[] = [];
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const [a, b] = [before[name], after[name]];
      if (a !== undefined && b !== undefined) {
        const change = isSameArtifact(a, b) ? undefined : await this.#compare(a, b, name);
        if (change !== undefined) changes.push({ name, kind: "changed", change });
      } else if (b !== undefined) changes.push({ name, kind: "added", change: { summary: await this.#shown(this.#after, b, name), places: [] } });
      else if (a !== undefined) changes.push({ name, kind: "removed", change: { summary: await this.#shown(this.#before, a, name), places: [] } });
    }
    return changes;
  }

  async #shown({ run, reader }: ReadRun, ref: ArtifactRef, name: string): Promise<string> {
    return short(await reader.load(ref, `${run.pathspec}, ${name}`).catch(() => "cannot be read"));
  }

  #compare(a: ArtifactRef, b: ArtifactRef, name: string): Promise<ValueChange | undefined> {
    this.#reads++;
    return compareStored(
      { ref: a, name: `${this.#before.run.pathspec}/${name}`, reader: this.#before.reader },
      { ref: b, name: `${this.#after.run.pathspec}/${name}`, reader: this.#after.reader },
    );
  }

  async steps(before: RunTasks, after: RunTasks): Promise<StepDiff[]> {
    const names = new Set([...this.#after.run.record.graph.steps, ...this.#before.run.record.graph.steps].map(({ name }) => name));
    const [ofBefore, ofAfter] = [byStep(before), byStep(after)];
    const steps: StepDiff[] = [];
    for (const step of names) steps.push(await this.#step(step, ofBefore.get(step) ?? new Map(), ofAfter.get(step) ?? new Map()));
    return steps;
  }

  async #step(step: string, before: TasksById, after: TasksById): Promise<StepDiff> {
    const artifacts = new Map<string, ArtifactTally>();
    let both = 0;
    for (const [id, task] of after) {
      const other = before.get(id);
      if (other === undefined) continue;
      both++;
      await this.#task(`${step}/${id}`, other, task, artifacts);
    }
    return {
      step,
      before: sideOf(before),
      after: sideOf(after),
      onlyBefore: before.size - both,
      onlyAfter: after.size - both,
      both,
      artifacts: [...artifacts.values()],
    };
  }

  async #task(ref: string, before: RunTask, after: RunTask, artifacts: Map<string, ArtifactTally>): Promise<void> {
    const [a, b] = [before.record?.artifacts ?? {}, after.record?.artifacts ?? {}];
    for (const name of new Set([...Object.keys(b), ...Object.keys(a)])) {
      let tally = artifacts.get(name);
      if (tally === undefined) artifacts.set(name, (tally = { name, same: 0, changed: 0, added: 0, removed: 0, examples: [] }));
      const [was, is] = [a[name], b[name]];
      if (was === undefined) tally.added++;
      else if (is === undefined) tally.removed++;
      else if (isSameArtifact(was, is)) tally.same++;
      else await this.#differing(ref, was, is, tally);
    }
  }

  async #differing(ref: string, was: ArtifactRef, is: ArtifactRef, tally: ArtifactTally): Promise<void> {
    if (tally.examples.length >= MAX_EXAMPLES || this.#reads >= MAX_READS) {
      tally.changed++;
      return;
    }
    const change = await this.#compare(was, is, `${ref}/${tally.name}`);
    if (change === undefined) tally.same++;
    else {
      tally.changed++;
      tally.examples.push({ task: ref, change });
    }
  }
}

type TasksById = ReadonlyMap<string, RunTask>;

/** An artifact's diff while it is counted. */
interface ArtifactTally {
  readonly name: string;
  same: number;
  changed: number;
  added: number;
  removed: number;
  readonly examples: { readonly task: string; readonly change: ValueChange }[];
}

function byStep({ tasks }: RunTasks): ReadonlyMap<string, TasksById> {
  const steps = new Map<string, Map<string, RunTask>>();
  for (const task of tasks) {
    let own = steps.get(task.step);
    if (own === undefined) steps.set(task.step, (own = new Map()));
    own.set(task.task, task);
  }
  return steps;
}

function sideOf(tasks: TasksById): StepSide {
  const side = { done: 0, failed: 0, running: 0, workMs: 0 };
  for (const { status, startedAt, finishedAt } of tasks.values()) {
    side[status]++;
    if (startedAt !== undefined && finishedAt !== undefined) side.workMs += finishedAt - startedAt;
  }
  return side;
}

export function compareGraphs(before: Graph, after: Graph): GraphChange[] {
  const was = new Map(before.steps.map((step) => [step.name, step]));
  const is = new Map(after.steps.map((step) => [step.name, step]));
  const changes: GraphChange[] = [];
  for (const [step, now] of is) {
    const then = was.get(step);
    if (then === undefined) changes.push({ step, kind: "added", changes: [] });
    else {
      const found = stepChanges(then, now);
      if (found.length > 0) changes.push({ step, kind: "changed", changes: found });
    }
  }
  for (const step of was.keys()) if (!is.has(step)) changes.push({ step, kind: "removed", changes: [] });
  return changes;
}

function stepChanges(was: GraphStep, is: GraphStep): string[] {
  const changes: string[] = [];
  const next = (step: GraphStep): string => (step.next.length === 0 ? "nothing" : step.next.join(", "));
  if (was.kind !== is.kind) changes.push(`is ${kindText(is)} instead of ${kindText(was)}`);
  if (next(was) !== next(is)) changes.push(`goes on to ${next(is)} instead of ${next(was)}`);
  if (was.joins !== is.joins) changes.push(is.joins === undefined ? `no longer joins ${was.joins}` : `joins ${is.joins}`);
  const used = ({ decorators }: GraphStep): Map<string, string> => new Map(decorators.map(({ name, options }) => [name, short(options)]));
  const [then, now] = [used(was), used(is)];
  for (const [name, options] of now) {
    const before = then.get(name);
    if (before === undefined) changes.push(`has @${name}`);
    else if (before !== options) changes.push(`has @${name} ${options} instead of ${before}`);
  }
  for (const name of then.keys()) if (!now.has(name)) changes.push(`has no @${name} any more`);
  return changes;
}

function kindText({ kind }: GraphStep): string {
  return { linear: "a step in line", split: "a branch", foreach: "a foreach", switch: "a switch", end: "the end" }[kind];
}
