import { inspect, type InspectOptionsStylized } from "node:util";
import { isMillraceError } from "../core/errors/millrace-error.js";
import type { Graph } from "../core/graph.js";
import { formatPathspec } from "../core/pathspec.js";
import type { RunStatus } from "../core/records.js";
import type { Datastore } from "../datastore/datastore.js";
import { readRunHeader } from "../datastore/run-header.js";
import { runRow } from "../datastore/run-row.js";
import type { Artifact, ValueOptions } from "./artifact.js";
import type { DamageOptions } from "./damages.js";
import type { ArtifactName, ArtifactValue, ParametersOf, StepName } from "./flow-types.js";
import { describeObject } from "./inspection.js";
import { List } from "./list.js";
import { OpenRun } from "./open-run.js";
import { RunCode } from "./run-code.js";
import { parametersAtHand, runParameters } from "./run-parameters.js";
import { Step, taskList, type TaskQuery } from "./step.js";
import type { Task } from "./task.js";
import { taskError, type TaskError } from "./task-error.js";

/** The step that every run ends with. */
const END = "end";

/**
 * A run: how it stood when it was opened, and its tasks as they were when they were first asked for. {@link Run.refresh}
 * looks again.
 */
export class Run<F = unknown> {
  readonly #open: OpenRun;
  #parameters: ParametersOf<F> | undefined;
  #code: RunCode | undefined;

  /** @internal */
  constructor(open: OpenRun) {
    this.#open = open;
  }

  /** @internal @throws MillraceError `flow-unknown`, `run-unknown`, `record-damaged`, `layout-unknown` */
  static async open<F>(datastore: Datastore, flow: string, id: string): Promise<Run<F>> {
    const run = await datastore.openRun(flow, id);
    return new Run(new OpenRun(datastore, await readRunHeader(run, Date.now())));
  }

  /** `Score/12`. */
  get pathspec(): string {
    return this.#open.run.pathspec;
  }

  /** The flow's name. */
  get flow(): string {
    return this.#open.run.flow;
  }

  get id(): string {
    return this.#open.run.id;
  }

  /** `running`, `done`, `failed`, `interrupted`, or `lost`: nobody is at work on it, and it did not come to its end. */
  get status(): RunStatus {
    return this.#open.header.status;
  }

  /** It is done. */
  get successful(): boolean {
    return this.status === "done";
  }

  /** It is not at work. */
  get finished(): boolean {
    return this.status !== "running";
  }

  get startedAt(): Date {
    return new Date(this.#open.run.record.startedAt);
  }

  /** Undefined while it is at work, and when it is lost. */
  get finishedAt(): Date | undefined {
    const { result } = this.#open.header;
    return result === undefined ? undefined : new Date(result.finishedAt);
  }

  /** Milliseconds from start to end. */
  get durationMs(): number | undefined {
    const { finishedAt } = this;
    return finishedAt === undefined ? undefined : finishedAt.getTime() - this.startedAt.getTime();
  }

  /** Who started it. */
  get user(): string {
    return this.#open.run.record.user;
  }

  /** The machine it was started on. */
  get host(): string {
    return this.#open.run.record.host;
  }

  /** The versions it ran with. */
  get versions(): { readonly millrace: string; readonly node: string } {
    const { millrace, node } = this.#open.run.record;
    return { millrace, node };
  }

  get tags(): readonly string[] {
    return this.#open.header.tags;
  }

  /** What it was given. Large values are read when they are touched. */
  get parameters(): ParametersOf<F> {
    this.#parameters ??= runParameters(this.#open) as ParametersOf<F>;
    return this.#parameters;
  }

  /** The code that it ran. */
  get code(): RunCode {
    this.#code ??= new RunCode(this.#open.run);
    return this.#code;
  }

  /** The flow's graph, as it was. */
  get graph(): Graph {
    return this.#open.run.record.graph;
  }

  /** The pathspec of the run that it went on from. */
  get origin(): string | undefined {
    const { origin } = this.#open.run.record;
    return origin === undefined ? undefined : formatPathspec(this.flow, origin.run);
  }

  /** Why it failed, when no task's failure is the reason (a full disk). */
  get error(): TaskError | undefined {
    const failure = this.#open.header.result?.failure;
    return failure === undefined ? undefined : taskError(failure);
  }

  /** Its steps, in the order of the source. */
  get steps(): readonly Step<F>[] {
    return this.graph.steps.map(({ name }) => new Step(this.#open, name));
  }

  /** @throws MillraceError `task-unknown` when the flow had no such step */
  step(name: StepName<F>): Step<F> {
    return new Step(this.#open, name);
  }

  /** Its tasks, step by step. */
  tasks(query: TaskQuery = {}): List<Task<F>> {
    return taskList(this.#open, `tasks of ${this.pathspec}`, query, () => true);
  }

  /**
   * An artifact as the run's end had it.
   * @throws MillraceError `task-unknown` when the run has not come to its end, and those of `Task.artifact`
   */
  async artifact<N extends ArtifactName<F>>(name: N, options: ValueOptions = {}): Promise<ArtifactValue<F, N>> {
    return (await this.#end()).artifact(name, options);
  }

  /** The artifacts that the run's end had. No value is read. */
  async artifacts(): Promise<readonly Artifact[]> {
    return (await this.#end()).artifacts();
  }

  /** The runs that it went on from, the nearest first. The list ends at one that was deleted. */
  origins(options: DamageOptions = {}): List<Run<F>> {
    const { datastore, run } = this.#open;
    return new List(`origins of ${this.pathspec}`, options, async function* (onDamaged) {
      let { origin } = run.record;
      while (origin !== undefined) {
        try {
          const earlier = await datastore.openRun(run.flow, origin.run);
          yield new Run<F>(new OpenRun(datastore, await readRunHeader(earlier, Date.now())));
          ({ origin } = earlier.record);
        } catch (error) {
          if (isMillraceError(error, "run-unknown")) return;
          if (!isMillraceError(error, "record-damaged")) throw error;
          onDamaged(error);
          return;
        }
      }
    });
  }

  /** The same run as it is now. */
  async refresh(): Promise<Run<F>> {
    return Run.open(this.#open.datastore, this.flow, this.id);
  }

  /** What a JSON text holds of it: as `millrace runs --json`. */
  toJSON(): object {
    return runRow(this.#open.header);
  }

  [inspect.custom](depth: number, options: InspectOptionsStylized, show: typeof inspect): string {
    const { status, startedAt, durationMs, user, tags, origin } = this;
    const parameters = parametersAtHand(this.#open);
    const fields = {
      status,
      startedAt,
      durationMs,
      user,
      parameters: Object.keys(parameters).length === 0 ? undefined : parameters,
      tags: tags.length === 0 ? undefined : tags,
      origin,
    };
    return describeObject(`Run ${this.pathspec}`, fields, depth, options, show);
  }

  async #end(): Promise<Task<F>> {
    return new Step<F>(this.#open, END).task();
  }
}
