import { isMillraceError, MillraceError } from "../core/errors/millrace-error.js";
import type { TaskRef } from "../core/task-ref.js";
import { parseTaskRef } from "../core/task-ref.js";
import { ArtifactReader } from "../datastore/artifacts/artifact-reader.js";
import { ItemsReader, type Item } from "../datastore/artifacts/items-reader.js";
import type { Datastore } from "../datastore/datastore.js";
import type { RunHeader } from "../datastore/run-header.js";
import type { RunStore } from "../datastore/run-store.js";
import { ownTask, readRunTasks, type RunTask, type RunTasks } from "../datastore/run-tasks.js";
import { TaskArtifacts } from "../datastore/task-artifacts.js";
import { requireTask } from "../datastore/task-selection.js";

/** A run as it was when it was opened, and its tasks as they were when they were first asked for: what a run's objects share. */
export class OpenRun {
  readonly datastore: Datastore;
  readonly header: RunHeader;
  readonly reader: ArtifactReader;
  // Made when they are wanted: a list of runs wants neither.
  #artifacts: TaskArtifacts | undefined;
  #items: ItemsReader | undefined;
  #tasks: Promise<RunTasks> | undefined;
  /** The tasks, once they are here. */
  #table: RunTasks | undefined;

  constructor(datastore: Datastore, header: RunHeader) {
    this.datastore = datastore;
    this.header = header;
    this.reader = new ArtifactReader(datastore.store);
  }

  get run(): RunStore {
    return this.header.run;
  }

  get artifacts(): TaskArtifacts {
    this.#artifacts ??= new TaskArtifacts(this.run, (run, step, task) => this.#known(run, step, task));
    return this.#artifacts;
  }

  /** All tasks of the run, with their records: read at once, and once. */
  tasks(): Promise<RunTasks> {
    this.#tasks ??= readRunTasks(this.run, Date.now()).then((tasks) => (this.#table = tasks));
    return this.#tasks;
  }

  /**
   * One task. A finished one costs one read, whatever the size of the run.
   * @throws MillraceError `task-unknown`, `record-damaged`
   */
  async task(step: string, task: string): Promise<RunTask> {
    const table = this.#table ?? (await this.#alone(step, task));
    if (!("tasks" in table)) return table;
    const found = table.get(step, task);
    if (found !== undefined) return found;
    // What cannot be read is told, rather than that it is not there.
    if (table.damaged.length > 0) await this.run.done(step, task);
    requireTask(this.run, table.tasks, { flow: this.run.flow, step, task });
    throw new MillraceError("task-unknown", { pathspec: `${this.run.pathspec}/${step}/${task}`, near: undefined });
  }

  /** A fan-out's item, with its label. */
  async item(split: TaskRef, index: number): Promise<Item> {
    const { records } = this.artifacts;
    const { items } = records.get(split);
    const pathspec = records.pathspec(split);
    if (items === undefined) throw new MillraceError("task-unknown", { pathspec: `${pathspec} (its items)`, near: undefined });
    this.#items ??= new ItemsReader(this.datastore.store, this.reader);
    return this.#items.item(items, index, `${pathspec} foreach`);
  }

  /** The task's own record, if it is done and ran in this run; else all tasks. */
  async #alone(step: string, task: string): Promise<RunTask | RunTasks> {
    try {
      const record = await this.run.done(step, task);
      if (record !== undefined) return ownTask(this.run, record);
    } catch (error) {
      // The index may have a copy.
      if (!isMillraceError(error, "record-damaged")) throw error;
    }
    return this.tasks();
  }

  #known(run: string, step: string, task: string): RunTask["record"] {
    const known = this.#table?.get(step, task);
    return known?.status === "done" && known.ranIn.id === run ? known.record : undefined;
  }
}

/** The pathspec of a task in its run, also when an earlier run did the work. */
export function pathspecOf(run: RunStore, ref: TaskRef): string {
  const { step, task } = parseTaskRef(ref);
  return `${run.pathspec}/${step}/${task}`;
}
