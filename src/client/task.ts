import { setTimeout as wait } from "node:timers/promises";
import { inspect, type InspectOptionsStylized } from "node:util";
import { cardsOfTask } from "../cards/task-card-list.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import { formatTaskRef, parseTaskRef, unpackTaskRefs, type TaskRef } from "../core/task-ref.js";
import { taskAtAttempt, type RunTask } from "../datastore/run-tasks.js";
import type { LogLine as StoredLine, LogStream } from "../datastore/task-log.js";
import type { TaskArtifact } from "../datastore/task-artifacts.js";
import { Artifact, readerFor, type ValueOptions } from "./artifact.js";
import { artifactUnknown } from "./artifact-unknown.js";
import { Card } from "./card.js";
import type { DamageOptions } from "./damages.js";
import type { ArtifactName, ArtifactValue } from "./flow-types.js";
import { GrowingOutput, readLog } from "./growing-output.js";
import { describeObject } from "./inspection.js";
import { List } from "./list.js";
import { LogFollower } from "./log-follower.js";
import { linesIn, publicLine, textOf, type LogLine, type LogRange } from "./log-range.js";
import { pathspecOf, type OpenRun } from "./open-run.js";
import { taskError, type TaskError } from "./task-error.js";

/** Milliseconds between two looks at a log that grows. */
const FOLLOW_EVERY_MS = 500;

export type TaskStatus = RunTask["status"];

/** A fan-out that a task stands in. */
export interface TaskForeach {
  /** The step that fanned out. */
  readonly step: string;
  /** From 0. */
  readonly index: number;
  /** Items in the fan-out. */
  readonly count: number;
}

/** A task of a run, as it was when it was read; {@link Task.follow} alone looks on. */
export class Task<F = unknown> {
  readonly #open: OpenRun;
  readonly #task: RunTask;

  /** @internal */
  constructor(open: OpenRun, task: RunTask) {
    this.#open = open;
    this.#task = task;
  }

  /** `Score/12/score/3`. */
  get pathspec(): string {
    return this.#task.pathspec;
  }

  /** The flow's name. */
  get flow(): string {
    return this.#open.run.flow;
  }

  /** The run's id. */
  get run(): string {
    return this.#open.run.id;
  }

  /** The step's name. */
  get step(): string {
    return this.#task.step;
  }

  /** The task's place in the step: `0` outside any fan-out, `3`, `3.7`. */
  get id(): string {
    return this.#task.task;
  }

  /** Of the latest attempt, or of the one that was asked for. */
  get status(): TaskStatus {
    return this.#task.status;
  }

  /** It is done. */
  get successful(): boolean {
    return this.#task.status === "done";
  }

  /** It is not at work. */
  get finished(): boolean {
    return this.#task.status !== "running";
  }

  /** An earlier run did the work, and this one refers to it. */
  get reused(): boolean {
    return this.#task.reused;
  }

  /** The pathspec of the run that did the work. */
  get ranIn(): string {
    return this.#task.ranIn.pathspec;
  }

  /** From 0: the latest, or the one that was asked for. */
  get attempt(): number {
    return this.#task.attempt;
  }

  get startedAt(): Date | undefined {
    return dateOf(this.#task.startedAt);
  }

  get finishedAt(): Date | undefined {
    return dateOf(this.#task.finishedAt);
  }

  /** Milliseconds that the attempt took; undefined while it is at work. */
  get durationMs(): number | undefined {
    const { startedAt, finishedAt } = this.#task;
    return startedAt === undefined || finishedAt === undefined ? undefined : finishedAt - startedAt;
  }

  /** The machine it ran on; undefined while it is at work. */
  get host(): string | undefined {
    return this.#task.record?.host;
  }

  /** Its process there. */
  get pid(): number | undefined {
    return this.#task.record?.pid;
  }

  /** Why the attempt failed. */
  get error(): TaskError | undefined {
    const { failure } = this.#task;
    return failure === undefined ? undefined : taskError(failure);
  }

  /** The failure that the step's `@catchError` took: the task counts as done. */
  get caught(): TaskError | undefined {
    const caught = this.#task.record?.caught;
    return caught === undefined ? undefined : taskError(caught);
  }

  /** What the fan-out's `label` option called its item. */
  get label(): string | undefined {
    return this.#task.label;
  }

  /** Its place in the innermost fan-out, from 0; undefined outside of any, and while it is at work. */
  get index(): number | undefined {
    return this.#task.record?.foreach?.at(-1)?.index;
  }

  /** The fan-outs it stands in, outermost first. */
  get foreach(): readonly TaskForeach[] {
    return (this.#task.record?.foreach ?? []).map(({ split, index, count }) => ({ step: parseTaskRef(split).step, index, count }));
  }

  /**
   * The item of the innermost fan-out, read alone; undefined outside of any.
   * @throws MillraceError `artifact-damaged`, `artifact-missing` …
   */
  async item<T = unknown>(): Promise<T | undefined> {
    const frame = this.#task.record?.foreach?.at(-1);
    if (frame === undefined) return undefined;
    const split = this.#open.artifacts.splitRef(this.#task, frame.split);
    return (await this.#open.item(split, frame.index)).value as T;
  }

  /**
   * The value of an artifact: what the task set, or had from before.
   * @throws MillraceError `artifact-unknown`, `artifact-damaged`, `artifact-missing`, `codec-missing`, `task-running` …
   */
  async artifact<N extends ArtifactName<F>>(name: N, options: ValueOptions = {}): Promise<ArtifactValue<F, N>> {
    const found = this.#open.artifacts.find(this.#task, name);
    if (found === undefined) throw artifactUnknown(this.pathspec, name, this.artifactNames());
    return (await readerFor(this.#open.datastore.store, options).load(found.ref, `${this.pathspec}/${name}`)) as ArtifactValue<F, N>;
  }

  /** The artifacts it has, its own first: name, size, hash, codec. No value is read. */
  artifacts(): readonly Artifact[] {
    return this.#open.artifacts.of(this.#task).map((artifact) => this.#artifact(artifact));
  }

  /** Names of the artifacts it has. */
  artifactNames(): readonly string[] {
    return this.#open.artifacts.of(this.#task).map(({ name }) => name);
  }

  /** What it printed to its standard output, as text. Of a task at work: so far. */
  async stdout(range: LogRange = {}): Promise<string> {
    return this.#printed("stdout", range);
  }

  /** What it printed to its error output, as text. Of a task at work: so far. */
  async stderr(range: LogRange = {}): Promise<string> {
    return this.#printed("stderr", range);
  }

  /** Lines of both streams, in the order they were printed. */
  async log(range: LogRange = {}): Promise<readonly LogLine[]> {
    return linesIn(await this.#lines(), range).map(publicLine);
  }

  /**
   * What it has printed and goes on to print, line by line, until it is done or its run is over. A further attempt's lines follow.
   * While it runs on AWS Batch, all lines stand as those of `stdout`.
   */
  async *follow({ signal }: { readonly signal?: AbortSignal } = {}): AsyncGenerator<LogLine, void, void> {
    const fresh: StoredLine[] = [];
    const { step, task } = this.#task;
    using follower = new LogFollower({
      run: this.#open.run,
      pathspec: { flow: this.flow, step, task },
      stream: undefined,
      tell: (_task, lines) => fresh.push(...lines),
      onUnreadable: () => {},
    });
    for (;;) {
      const goesOn = await follower.poll(Date.now());
      for (const line of fresh.splice(0)) yield publicLine(line);
      if (!goesOn) return;
      await wait(FOLLOW_EVERY_MS, undefined, { signal });
    }
  }

  /** The cards that the attempt has stored, by the names they are stored under. */
  async cards(): Promise<readonly Card[]> {
    return (await cardsOfTask(this.#task)).map((listed) => new Card(listed));
  }

  /**
   * The task at each of its attempts, the first first.
   * @throws MillraceError `record-damaged`
   */
  async attempts(): Promise<Task<F>[]> {
    const attempts: Task<F>[] = [];
    for (let attempt = 0; attempt <= this.attempt; attempt++) attempts.push(await this.at(attempt));
    return attempts;
  }

  /**
   * The task at one of its attempts, with the artifacts that attempt had at its end.
   * @param attempt From 0.
   * @throws MillraceError `attempt-missing`, `record-damaged`
   */
  async at(attempt: number): Promise<Task<F>> {
    const task = await taskAtAttempt(this.#task, attempt);
    return task === this.#task ? this : new Task(this.#open, task);
  }

  /** The tasks it went on from: none for `start`, one, or a join's branches in order. */
  parents(options: DamageOptions = {}): List<Task<F>> {
    return this.#tasks("parents", options, async () => this.#parentRefs());
  }

  /** The tasks that went on from it, as far as they have started. */
  children(options: DamageOptions = {}): List<Task<F>> {
    return this.#tasks("children", options, async () => this.#childRefs());
  }

  /** What a JSON text holds of it. */
  toJSON(): object {
    const { pathspec, status, attempt, reused, startedAt, finishedAt, failure } = this.#task;
    return {
      pathspec,
      status,
      attempt,
      reused,
      startedAt: startedAt === undefined ? null : new Date(startedAt).toISOString(),
      finishedAt: finishedAt === undefined ? null : new Date(finishedAt).toISOString(),
      error: status === "failed" && failure !== undefined ? failure : null,
    };
  }

  [inspect.custom](depth: number, options: InspectOptionsStylized, show: typeof inspect): string {
    const { status, index, label, attempt, durationMs, startedAt, host, reused, ranIn, error } = this;
    const fields = {
      status,
      index,
      label,
      attempt: attempt > 0 ? attempt : undefined,
      startedAt,
      durationMs,
      host,
      ranIn: reused ? ranIn : undefined,
      error: error === undefined ? undefined : `${error.name}: ${error.message}`,
    };
    return describeObject(`Task ${this.pathspec}`, fields, depth, options, show);
  }

  #artifact(artifact: TaskArtifact): Artifact {
    const { name, own, source } = artifact;
    const about = { pathspec: `${this.pathspec}/${name}`, name, own, source: source === undefined ? undefined : pathspecOf(this.#open.run, source) };
    return new Artifact(about, this.#open.datastore.store, () => artifact.ref);
  }

  async #printed(stream: LogStream, range: LogRange): Promise<string> {
    const lines = (await this.#lines()).filter((line) => line.stream === stream);
    return textOf(linesIn(lines, range));
  }

  async #lines(): Promise<readonly StoredLine[]> {
    using growing = new GrowingOutput();
    const now = Date.now();
    await growing.look([this.#task], now);
    return await readLog(this.#task, growing, now);
  }

  #parentRefs(): readonly TaskRef[] {
    const { record, pathspec } = this.#task;
    if (record === undefined) throw new MillraceError("task-running", { pathspec });
    return [...unpackTaskRefs(record.parents)];
  }

  /** Those that name it as a parent. */
  async #childRefs(): Promise<readonly TaskRef[]> {
    const next = this.#task.record?.next;
    if (next === undefined || next.kind === "end") return [];
    const targets = next.kind === "foreach" ? [next.target] : next.targets;
    const { tasks } = await this.#open.tasks();
    const own = formatTaskRef(this.step, this.id);
    const isParent = (ref: TaskRef): boolean => ref.slice(ref.indexOf(":") + 1) === own;
    return tasks
      .filter(({ step, record }) => targets.includes(step) && [...unpackTaskRefs(record?.parents ?? [])].some(isParent))
      .map(({ step, task }) => formatTaskRef(step, task));
  }

  #tasks(what: string, options: DamageOptions, refs: () => Promise<readonly TaskRef[]>): List<Task<F>> {
    const open = this.#open;
    return new List(`${what} of ${this.pathspec}`, options, async function* (onDamaged) {
      const wanted = await refs();
      // One task is read alone; many come from the index.
      if (wanted.length > 1) await open.tasks();
      for (const ref of wanted) {
        const { step, task } = parseTaskRef(ref);
        try {
          yield new Task<F>(open, await open.task(step, task));
        } catch (error) {
          if (!(error instanceof MillraceError)) throw error;
          onDamaged(error);
        }
      }
    });
  }
}

function dateOf(time: number | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}
