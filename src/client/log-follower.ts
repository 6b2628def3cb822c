import type { Pathspec } from "../core/pathspec.js";
import type { RunStore } from "../datastore/run-store.js";
import type { LogLine, LogStream } from "../datastore/task-log.js";
import { readOwnTask, readRunTasks, type RunTask, type RunTasks } from "../datastore/run-tasks.js";
import { readAttemptLog, readGrowingLog } from "../datastore/task-log-reader.js";
import { selectTasks } from "../datastore/task-selection.js";

/** Lines of an attempt that are printed already, a stream each. */
type Printed = Record<LogStream, number> & { ended: boolean };

/** Tells what tasks print while they print it. */
export class LogFollower {
  readonly #run: RunStore;
  readonly #pathspec: Pathspec;
  readonly #tell: (task: RunTask, lines: readonly LogLine[]) => void;
  readonly #printed = new Map<string, Printed>();
  /** The attempt of each task that was the latest when it was first seen; those before are old news. */
  readonly #first = new Map<string, number>();

  /** @param pathspec Whose output: of the whole run, a step, or one task. */
  constructor(run: RunStore, pathspec: Pathspec, tell: (task: RunTask, lines: readonly LogLine[]) => void) {
    this.#run = run;
    this.#pathspec = pathspec;
    this.#tell = tell;
  }

  /** Tells what is new. False when nothing more can come. */
  async poll(now: number): Promise<boolean> {
    const { status, tasks } = await this.#look(now);
    const selected = selectTasks(tasks, this.#pathspec);
    for (const task of selected) await this.#printNew(task, now);
    if (status !== "running") return false;
    const [only] = selected;
    return this.#pathspec.task === undefined || only?.status !== "done";
  }

  /** One task of a wide run is looked at alone, unless an earlier run may have done it. */
  async #look(now: number): Promise<RunTasks> {
    const { step, task } = this.#pathspec;
    if (step === undefined || task === undefined || this.#run.record.origin !== undefined) return readRunTasks(this.#run, now);
    return readOwnTask(this.#run, { step, task }, now);
  }

  async #printNew(task: RunTask, now: number): Promise<void> {
    const first = this.#first.get(task.pathspec) ?? task.attempt;
    this.#first.set(task.pathspec, first);
    for (let attempt = first; attempt < task.attempt; attempt++) await this.#printEnded(task, attempt);
    if (task.status === "running") {
      const lines = await readGrowingLog(task, now);
      // When it has ended meanwhile, the next round finds its record.
      if (lines !== undefined)
        this.#printAfter(
          task,
          task.attempt,
          lines.filter((line) => line.complete),
        );
    } else await this.#printEnded(task, task.attempt);
  }

  async #printEnded(task: RunTask, attempt: number): Promise<void> {
    const printed = this.#printedOf(task, attempt);
    if (printed.ended) return;
    this.#printAfter(task, attempt, await readAttemptLog(task.ranIn, task.step, task.task, attempt));
    printed.ended = true;
  }

  #printAfter(task: RunTask, attempt: number, lines: readonly LogLine[]): void {
    const printed = this.#printedOf(task, attempt);
    const seen: Record<LogStream, number> = { stdout: 0, stderr: 0 };
    const fresh = lines.filter((line) => ++seen[line.stream] > printed[line.stream]);
    printed.stdout = Math.max(printed.stdout, seen.stdout);
    printed.stderr = Math.max(printed.stderr, seen.stderr);
    this.#tell(task, fresh);
  }

  #printedOf(task: RunTask, attempt: number): Printed {
    const key = `${task.pathspec} ${attempt}`;
    let printed = this.#printed.get(key);
    if (printed === undefined) {
      printed = { stdout: 0, stderr: 0, ended: false };
      this.#printed.set(key, printed);
    }
    return printed;
  }
}
