import type { Pathspec } from "../core/pathspec.js";
import type { RunStore } from "../datastore/run-store.js";
import type { LogLine, LogStream } from "../datastore/task-log.js";
import { readOwnTask, readRunTasks, type RunTask, type RunTasks } from "../datastore/run-tasks.js";
import { readAttemptLog } from "../datastore/task-log-reader.js";
import { selectTasks } from "../datastore/task-selection.js";
import { GrowingOutput } from "./growing-output.js";

/** What of an attempt is printed already. */
interface Printed {
  /** How many lines of each stream, or, where streams are mixed, of each text. */
  readonly lines: Map<string, number>;
  /** It grew where nobody can say which lines went to which stream, and in which order. */
  isMixed: boolean;
  ended: boolean;
}

export interface LogFollowerOptions {
  readonly run: RunStore;
  /** Whose output: of the whole run, a step, or one task. */
  readonly pathspec: Pathspec;
  /** Undefined: both. Where nobody can say what went to which while a task runs, the one is not told before it has ended. */
  readonly stream: LogStream | undefined;
  readonly tell: (task: RunTask, lines: readonly LogLine[]) => void;
  /** Hears why output cannot be read from where it grows. */
  readonly onUnreadable: (error: unknown) => void;
}

/** Tells what tasks print while they print it. */
export class LogFollower implements Disposable {
  readonly #options: LogFollowerOptions;
  readonly #growing: GrowingOutput;
  readonly #printed = new Map<string, Printed>();
  /** The attempt of each task that was the latest when it was first seen; those before are old news. */
  readonly #first = new Map<string, number>();

  constructor(options: LogFollowerOptions) {
    this.#options = options;
    this.#growing = new GrowingOutput(options.onUnreadable);
  }

  /** Tells what is new. False when nothing more can come. */
  async poll(now: number): Promise<boolean> {
    const { status, tasks } = await this.#look(now);
    const { pathspec } = this.#options;
    const selected = selectTasks(tasks, pathspec);
    await this.#growing.look(selected, now);
    for (const task of selected) await this.#printNew(task, now);
    if (status !== "running") return false;
    const [only] = selected;
    return pathspec.task === undefined || only?.status !== "done";
  }

  /** One task of a wide run is looked at alone, unless an earlier run may have done it. */
  async #look(now: number): Promise<RunTasks> {
    const {
      run,
      pathspec: { step, task },
    } = this.#options;
    if (step === undefined || task === undefined || run.record.origin !== undefined) return readRunTasks(run, now);
    return readOwnTask(run, { step, task }, now);
  }

  async #printNew(task: RunTask, now: number): Promise<void> {
    const first = this.#first.get(task.pathspec) ?? task.attempt;
    this.#first.set(task.pathspec, first);
    for (let attempt = first; attempt < task.attempt; attempt++) await this.#printEnded(task, attempt);
    if (task.status === "running") await this.#printGrowing(task, now);
    else await this.#printEnded(task, task.attempt);
  }

  async #printGrowing(task: RunTask, now: number): Promise<void> {
    const log = await this.#growing.of(task, now);
    // When it has ended meanwhile, the next round finds its record.
    if (log === undefined || (log.isMixed && this.#options.stream !== undefined)) return;
    this.#printedOf(task, task.attempt).isMixed = log.isMixed;
    this.#printAfter(
      task,
      task.attempt,
      log.lines.filter((line) => line.complete),
    );
  }

  async #printEnded(task: RunTask, attempt: number): Promise<void> {
    const printed = this.#printedOf(task, attempt);
    if (printed.ended) return;
    this.#printAfter(task, attempt, await readAttemptLog(task.ranIn, task.step, task.task, attempt));
    printed.ended = true;
  }

  #printAfter(task: RunTask, attempt: number, lines: readonly LogLine[]): void {
    const printed = this.#printedOf(task, attempt);
    const seen = new Map<string, number>();
    const fresh = lines.filter(({ stream, text }) => {
      const kind = printed.isMixed ? text : stream;
      const count = (seen.get(kind) ?? 0) + 1;
      seen.set(kind, count);
      return count > (printed.lines.get(kind) ?? 0);
    });
    for (const [kind, count] of seen) printed.lines.set(kind, Math.max(count, printed.lines.get(kind) ?? 0));
    this.#options.tell(task, fresh);
  }

  #printedOf(task: RunTask, attempt: number): Printed {
    const key = `${task.pathspec} ${attempt}`;
    let printed = this.#printed.get(key);
    if (printed === undefined) {
      printed = { lines: new Map(), isMixed: false, ended: false };
      this.#printed.set(key, printed);
    }
    return printed;
  }

  [Symbol.dispose](): void {
    this.#growing[Symbol.dispose]();
  }
}
