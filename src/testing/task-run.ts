import { inspect } from "node:util";
import type { ArtifactRef } from "../core/artifact-ref.js";
import type { AttemptRecord } from "../core/records.js";
import { formatTaskRef } from "../core/task-ref.js";
import { HandedOn } from "../datastore/handed-on.js";
import type { Artifacts, SomeArtifacts, StepName } from "../flow/flow-fields.js";
import type { RunContext } from "../task/run-context.js";
import type { EndedAttempt } from "./in-process-attempt.js";

/** One attempt of a task, as it went. */
export interface AttemptRun {
  /** What it threw; undefined when it was done. */
  readonly error: unknown;
  readonly stdout: string;
  readonly stderr: string;
  /** By the test's clock, in milliseconds. */
  readonly durationMs: number;
  /** Milliseconds until the next attempt; undefined when there was none. */
  readonly retryInMs: number | undefined;
}

/** A task that a test has run. */
export interface TaskRun<F> {
  readonly step: string;
  /** Its place: `0` outside any fan-out, `3` in one, `3.7` in two, `~2` after two rounds of a loop. */
  readonly id: string;
  /** Its place in the innermost fan-out, from 0. */
  readonly index: number | undefined;
  /** What the fan-out's `label` called it. */
  readonly label: string | undefined;
  readonly status: "done" | "failed";
  /** What failed it for good, or what `@catchError` took: the very thing that the step threw. */
  readonly error: unknown;
  /** The steps it went on to. */
  readonly next: readonly StepName<F>[];
  /** The items it fanned out over; undefined when it did not. */
  readonly items: readonly unknown[] | undefined;
  /** All that it handed on, as a step after it sees it: what it set, what came from before, the parameters. */
  readonly artifacts: Artifacts<F>;
  /** What of it the step set to something else, changed in place, or, in a join, merged. */
  readonly changes: SomeArtifacts<F>;
  /** What its attempts printed, one after another. */
  readonly stdout: string;
  readonly stderr: string;
  readonly attempts: readonly AttemptRun[];
}

export interface TaskRunSource {
  readonly context: RunContext;
  /** Of one task, in order. */
  readonly attempts: readonly EndedAttempt[];
  /** Milliseconds between an attempt and the next, by the attempt's number. */
  readonly retryInMs?: (attempt: number) => number | undefined;
}

/** What came of a task; its values are read when they are asked for. */
export function taskRun<F>({ context, attempts, retryInMs = () => undefined }: TaskRunSource): TaskRun<F> {
  const last = attempts.at(-1);
  if (last === undefined) throw new Error("a task has an attempt");
  const { spec, outcome } = last;
  // Written by the attempt, in this process.
  const record = outcome.record === undefined ? undefined : (JSON.parse(outcome.record) as AttemptRecord);
  const values = new TaskValues(context, record, spec.join !== undefined);
  const runs = attempts.filter(({ spec: { mode } }) => mode === "run");
  const text = (stream: "stdout" | "stderr"): string => attempts.map(({ output }) => output.text(stream)).join("");
  const task: TaskRun<F> = {
    step: spec.step,
    id: spec.task,
    index: spec.foreach.at(-1)?.index,
    label: outcome.label,
    status: outcome.status,
    error: spec.mode === "catch" ? runs.at(-1)?.error : last.error,
    // The graph has no others.
    next: nextSteps(outcome) as readonly StepName<F>[],
    get items() {
      return values.items();
    },
    // The compiler knows the names and types of the class's fields, the datastore their values.
    get artifacts() {
      return values.all() as Artifacts<F>;
    },
    get changes() {
      return values.own() as SomeArtifacts<F>;
    },
    stdout: text("stdout"),
    stderr: text("stderr"),
    attempts: runs.map((attempt) => ({
      error: attempt.error,
      stdout: attempt.output.text("stdout"),
      stderr: attempt.output.text("stderr"),
      durationMs: attempt.outcome.finishedAt - attempt.outcome.startedAt,
      retryInMs: retryInMs(attempt.spec.attempt),
    })),
  };
  // Printed, it shows its values instead of the getters that read them.
  Object.defineProperty(task, inspect.custom, { value: () => ({ ...task }) });
  return task;
}

function nextSteps(outcome: EndedAttempt["outcome"]): readonly string[] {
  if (outcome.status === "failed" || outcome.transition.kind === "end") return [];
  return outcome.transition.kind === "next" ? outcome.transition.targets : [outcome.transition.target];
}

type NamedRef = readonly [name: string, ref: ArtifactRef];

/** A record's values. */
class TaskValues {
  readonly #context: RunContext;
  readonly #record: AttemptRecord | undefined;
  readonly #joins: boolean;

  constructor(context: RunContext, record: AttemptRecord | undefined, joins: boolean) {
    this.#context = context;
    this.#record = record;
    this.#joins = joins;
  }

  own(): object {
    // A join comes by what it does not set by merging it.
    return this.#read(this.#joins ? this.#handedOn() : Object.entries(this.#record?.artifacts ?? {}));
  }

  all(): object {
    const run = [...this.#context.runArtifacts].map(([name, { ref }]) => [name, ref] as const);
    return this.#read([...new Map([...run, ...this.#handedOn()])]);
  }

  #handedOn(): readonly NamedRef[] {
    const record = this.#record;
    if (record === undefined) return [];
    const { artifacts } = new HandedOn(formatTaskRef(record.step, record.task), record, this.#context.records);
    return [...artifacts].map(([name, { ref }]) => [name, ref]);
  }

  items(): readonly unknown[] | undefined {
    const items = this.#record?.items;
    if (items === undefined) return undefined;
    return Array.from({ length: items.count }, (_, index) => this.#context.items.itemSync(items, index, "foreach").value);
  }

  #read(refs: readonly NamedRef[]): object {
    return Object.fromEntries(refs.map(([name, ref]) => [name, this.#context.artifacts.read(ref, name)]));
  }
}
