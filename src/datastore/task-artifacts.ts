import type { ArtifactRef } from "../core/artifact-ref.js";
import type { AttemptRecord } from "../core/records.js";
import { formatTaskRef } from "../core/task-ref.js";
import type { RunStore } from "./run-store.js";
import { HandedOn } from "./handed-on.js";
import { TaskRecords } from "./task-records.js";
import type { RunTask } from "./run-tasks.js";

/** An artifact of a task. */
export interface TaskArtifact {
  readonly name: string;
  readonly ref: ArtifactRef;
  /** The task set it itself; else it came from before. */
  readonly own: boolean;
}

/** Tells what tasks of a run have: what they set, what came from tasks before, and the run's own. */
export class TaskArtifacts {
  readonly #run: RunStore;
  readonly #records: TaskRecords;

  constructor(run: RunStore) {
    this.#run = run;
    this.#records = new TaskRecords(run.store, run.flow, run.id);
  }

  /**
   * A finished task's artifacts, or what an attempt that failed had at its end.
   * @throws MillraceError `task-unknown`, `record-damaged`
   */
  async of({ step, task, ranIn, reused, status, attempt }: RunTask): Promise<readonly TaskArtifact[]> {
    const ref = formatTaskRef(step, task, reused ? ranIn.id : undefined);
    const record = status === "done" ? undefined : await ranIn.failed(step, task, attempt);
    const handed = record === undefined ? this.#records.handedOn(ref) : new HandedOn(ref, record, this.#records);
    return this.#collect(handed, record ?? this.#records.get(ref));
  }

  #collect(handed: HandedOn, record: AttemptRecord): TaskArtifact[] {
    const artifacts = new Map<string, TaskArtifact>();
    for (const [name, ref] of Object.entries(record.artifacts)) artifacts.set(name, { name, ref, own: true });
    for (const [name, stored] of handed.artifacts) {
      if (!artifacts.has(name)) artifacts.set(name, { name, ref: stored.ref, own: false });
    }
    const { initial, parameters } = this.#run.record;
    for (const [name, ref] of Object.entries({ ...initial, ...parameters })) {
      if (!artifacts.has(name)) artifacts.set(name, { name, ref, own: false });
    }
    return [...artifacts.values()];
  }
}
