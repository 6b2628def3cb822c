import { parseOutputPlace } from "../datastore/output-place.js";
import type { RunTask } from "../datastore/run-tasks.js";
import type { LogLine } from "../datastore/task-log.js";
import { readAttemptLog, readGrowingFiles } from "../datastore/task-log-reader.js";
import { CloudOutput } from "./cloud-output.js";

/** What a task at work has printed so far. */
export interface GrowingLog {
  readonly lines: readonly LogLine[];
  /** Nobody can say which lines went to which stream: all stand as stdout's. */
  readonly isMixed: boolean;
}

/** Reads what tasks print while they are at work, on this machine or elsewhere. What an engine's services are asked with is loaded when they are. */
export class GrowingOutput implements Disposable {
  readonly #cloud = new CloudOutput();
  readonly #onUnreadable: (error: unknown) => void;

  /** @param onUnreadable Hears why output cannot be read from where it grows; it is complete when the task has ended. */
  constructor(onUnreadable: (error: unknown) => void = () => {}) {
    this.#onUnreadable = onUnreadable;
  }

  /** What is read for many tasks in one request is read now. */
  async look(tasks: readonly RunTask[], now: number): Promise<void> {
    const places = tasks.flatMap((task) => (task.status === "running" ? (parseOutputPlace(task.atWork) ?? []) : []));
    try {
      await this.#cloud.look(
        places.filter((place) => place.kind === "cloudwatch"),
        now,
      );
    } catch (error) {
      this.#onUnreadable(error);
    }
  }

  /** What a task at work has printed, as far as can be said: of some places, up to the last {@link look}. Undefined when it has ended meanwhile. */
  async of(task: RunTask, now: number): Promise<GrowingLog | undefined> {
    const place = parseOutputPlace(task.atWork);
    if (place === undefined) return undefined;
    if (place.kind === "cloudwatch") return { lines: this.#cloud.linesOf(place.stream), isMixed: true };
    const lines = await readGrowingFiles(task, place, now);
    return lines && { lines, isMixed: false };
  }

  [Symbol.dispose](): void {
    this.#cloud[Symbol.dispose]();
  }
}

/** What a task printed at the attempt at hand; of a task at work, so far. */
export async function readLog(task: RunTask, growing: GrowingOutput, now: number): Promise<readonly LogLine[]> {
  if (task.status !== "running" && task.printed === 0) return [];
  const soFar = task.status === "running" ? await growing.of(task, now) : undefined;
  return soFar?.lines ?? readAttemptLog(task.ranIn, task.step, task.task, task.attempt);
}
