import { inspect, type InspectOptionsStylized } from "node:util";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { GraphStep, StepKind } from "../core/graph.js";
import type { RunTask } from "../datastore/run-tasks.js";
import { requireStep } from "../datastore/task-selection.js";
import { ArtifactValues, type ArtifactValuesOptions } from "./artifact-values.js";
import type { DamageOptions } from "./damages.js";
import type { ArtifactName, ArtifactValue } from "./flow-types.js";
import { describeObject } from "./inspection.js";
import { List } from "./list.js";
import type { OpenRun } from "./open-run.js";
import { Task, type TaskStatus } from "./task.js";

/** Which tasks; all when nothing is said. */
export interface TaskQuery extends DamageOptions {
  /** Of this status, or one of these. */
  readonly status?: TaskStatus | readonly TaskStatus[];
  /** Whose fan-out item was called this by the `label` option. */
  readonly label?: string;
}

/** How many of a step's tasks are where. */
export interface StepCounts {
  /** Done in this run. */
  readonly done: number;
  readonly failed: number;
  readonly running: number;
  /** Done by an earlier run that this one went on from. */
  readonly reused: number;
}

/** A step of a run. */
export class Step<F = unknown> {
  readonly #open: OpenRun;
  readonly #step: GraphStep;

  /** @internal @throws MillraceError `task-unknown` when the flow had no such step */
  constructor(open: OpenRun, name: string) {
    requireStep(open.run, name);
    this.#open = open;
    const step = open.run.record.graph.steps.find((one) => one.name === name);
    if (step === undefined) throw new Error(`the graph has no step ${name}`);
    this.#step = step;
  }

  /** `Score/12/score`. */
  get pathspec(): string {
    return `${this.#open.run.pathspec}/${this.name}`;
  }

  /** The flow's name. */
  get flow(): string {
    return this.#open.run.flow;
  }

  /** The run's id. */
  get run(): string {
    return this.#open.run.id;
  }

  get name(): string {
    return this.#step.name;
  }

  /** What it does when it is done: `linear`, `split`, `foreach`, `switch`, `end`. */
  get kind(): StepKind {
    return this.#step.kind;
  }

  /** Its comment in the source. */
  get doc(): string | undefined {
    return this.#step.doc;
  }

  /** The steps it may go on to. */
  get next(): readonly string[] {
    return this.#step.next;
  }

  /** The steps that may go on to it. */
  get previous(): readonly string[] {
    return this.#open.run.record.graph.steps.filter(({ next }) => next.includes(this.name)).map(({ name }) => name);
  }

  /** Its tasks, in the order of the graph. */
  tasks(query: TaskQuery = {}): List<Task<F>> {
    return taskList(this.#open, `tasks of ${this.pathspec}`, query, ({ step }) => step === this.name);
  }

  /**
   * One task.
   * @param id Its place, `3` or `"3.7"`; may be left out when the step has one task.
   * @throws MillraceError `task-unknown`, `task-several`
   */
  async task(id?: string | number): Promise<Task<F>> {
    return new Task(this.#open, id === undefined ? await this.#only() : await this.#open.task(this.name, String(id)));
  }

  /**
   * One artifact of every finished task: `for await (const score of run.step("score").artifact("score")) …`
   * @throws MillraceError, when it is walked: `artifact-unknown` when no task has it, `list-incomplete`
   */
  artifact<N extends ArtifactName<F>>(name: N, options: ArtifactValuesOptions = {}): ArtifactValues<F, ArtifactValue<F, N>> {
    return new ArtifactValues(this.#open, this.name, name, options);
  }

  /** How many of its tasks are where. Tasks that cannot be read are in none of the figures. */
  async counts(): Promise<StepCounts> {
    const counts = { done: 0, failed: 0, running: 0, reused: 0 };
    for (const { step, reused, status } of (await this.#open.tasks()).tasks) if (step === this.name) counts[reused ? "reused" : status]++;
    return counts;
  }

  [inspect.custom](depth: number, options: InspectOptionsStylized, show: typeof inspect): string {
    const { kind, previous, next } = this;
    return describeObject(`Step ${this.pathspec}`, { kind, previous, next }, depth, options, show);
  }

  async #only(): Promise<RunTask> {
    // Outside fan-outs and loops there is one place only, and one read finds it.
    if (this.#step.splits.length === 0 && !this.#step.loops) return this.#open.task(this.name, "0");
    const tasks = (await this.#open.tasks()).tasks.filter(({ step }) => step === this.name);
    const [first, second] = tasks;
    if (first === undefined) return this.#open.task(this.name, "0");
    if (second === undefined) return first;
    throw new MillraceError("task-several", { pathspec: this.pathspec, count: tasks.length, example: first.pathspec });
  }
}

/** Tasks of a run that a query and a condition let through. */
export function taskList<F>(open: OpenRun, what: string, query: TaskQuery, isWanted: (task: RunTask) => boolean): List<Task<F>> {
  const statuses = query.status === undefined ? undefined : [query.status].flat();
  return new List(what, query, async function* (onDamaged) {
    const { tasks, damaged } = await open.tasks();
    for (const error of damaged) onDamaged(error);
    for (const task of tasks) {
      if (!isWanted(task) || (statuses !== undefined && !statuses.includes(task.status))) continue;
      if (query.label === undefined || task.label === query.label) yield new Task<F>(open, task);
    }
  });
}
