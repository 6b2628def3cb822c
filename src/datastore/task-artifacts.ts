import type { ArtifactRef } from "../core/artifact-ref.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { AttemptRecord } from "../core/records.js";
import { formatTaskRef, parseTaskRef, type TaskRef } from "../core/task-ref.js";
import type { RunStore } from "./run-store.js";
import { HandedOn, type StoredArtifact } from "./handed-on.js";
import { TaskRecords, type KnownRecords } from "./task-records.js";
import type { RunTask } from "./run-tasks.js";

/** An artifact of a task. */
export interface TaskArtifact {
  readonly name: string;
  /** Looked up when first asked for. @throws MillraceError `record-damaged` when the record that says it is damaged */
  readonly ref: ArtifactRef;
  /** The task set it itself; else it came from before. */
  readonly own: boolean;
  /** The task that set it; undefined for the run's own (parameters, field initialisers). */
  readonly source: TaskRef | undefined;
}

/** Tells what tasks of a run have: what they set, what came from tasks before, and the run's own. */
export class TaskArtifacts {
  readonly records: TaskRecords;
  readonly #own: ReadonlyMap<string, StoredArtifact>;

  /** @param known Records of finished tasks that are in memory already. */
  constructor(run: RunStore, known?: KnownRecords) {
    this.records = new TaskRecords(run.store, run.record, known);
    const { initial, parameters } = run.record;
    this.#own = new Map(Object.entries({ ...initial, ...parameters }).map(([name, ref]) => [name, { ref, source: undefined }]));
  }

  /**
   * A finished task's artifacts, or what an attempt that failed had at its end: what it set first.
   * @throws MillraceError `task-running` for a task at work, `task-unknown`, `record-damaged`
   */
  of(task: RunTask): readonly TaskArtifact[] {
    const found = new Map<string, TaskArtifact>();
    const add = (name: string, stored: StoredArtifact, own: boolean): void => {
      if (!found.has(name)) found.set(name, taskArtifact(name, stored, own));
    };
    for (const [name, ref] of Object.entries(recordOf(task).artifacts)) add(name, { ref, source: refOf(task) }, true);
    for (const [name, stored] of this.#handedOn(task).artifacts) add(name, stored, false);
    for (const [name, stored] of this.#own) add(name, stored, false);
    return [...found.values()];
  }

  /** One of them; undefined when the task has none of that name. */
  find(task: RunTask, name: string): TaskArtifact | undefined {
    const { artifacts } = recordOf(task);
    const own = Object.hasOwn(artifacts, name) ? artifacts[name] : undefined;
    if (own !== undefined) return taskArtifact(name, { ref: own, source: refOf(task) }, true);
    const stored = this.#handedOn(task).artifacts.get(name) ?? this.#own.get(name);
    return stored === undefined ? undefined : taskArtifact(name, stored, false);
  }

  /** Where the items of a task's open fan-outs are: refs of the split tasks, with the run they ran in. */
  splitRef(task: RunTask, split: TaskRef): TaskRef {
    return task.reused && parseTaskRef(split).run === undefined ? `${task.ranIn.id}:${split}` : split;
  }

  #handedOn(task: RunTask): HandedOn {
    return new HandedOn(refOf(task), recordOf(task), this.records);
  }
}

function taskArtifact(name: string, stored: StoredArtifact, own: boolean): TaskArtifact {
  return {
    name,
    own,
    source: stored.source,
    get ref() {
      return stored.ref;
    },
  };
}

function refOf({ step, task, ranIn, reused }: RunTask): TaskRef {
  return formatTaskRef(step, task, reused ? ranIn.id : undefined);
}

function recordOf({ record, pathspec }: RunTask): AttemptRecord {
  if (record === undefined) throw new MillraceError("task-running", { pathspec });
  return record;
}
