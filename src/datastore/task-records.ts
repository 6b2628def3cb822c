import { MillraceError } from "../core/errors/millrace-error.js";
import { formatPathspec } from "../core/pathspec.js";
import type { AttemptRecord, RunRecord, SpinRecord } from "../core/records.js";
import { parseTaskRef, type TaskRef } from "../core/task-ref.js";
import { finishedRecordSync } from "./finished-record.js";
import type { ObjectStore } from "../store/object-store.js";
import { HandedOn } from "./handed-on.js";
import { RecentMap } from "./recent-map.js";

/** Siblings of a fan-out share a parent, and a warm process runs many of them. */
const KEPT_RECORDS = 256;

/** The record of a finished task, if it is at hand. */
export type KnownRecords = (run: string, step: string, task: string) => AttemptRecord | undefined;

/** Reads the records of finished tasks that a run's tasks start from. */
export class TaskRecords {
  readonly #store: ObjectStore;
  readonly #flow: string;
  readonly #run: string;
  readonly #changed: NonNullable<SpinRecord["handedOn"]>;
  readonly #known: KnownRecords;
  readonly #records = new RecentMap<TaskRef, AttemptRecord>(KEPT_RECORDS);
  readonly #handed = new RecentMap<TaskRef, HandedOn>(KEPT_RECORDS);

  /** @param known Records that are in memory already. */
  constructor(store: ObjectStore, { flow, run, spin }: Pick<RunRecord, "flow" | "run" | "spin">, known: KnownRecords = () => undefined) {
    this.#store = store;
    this.#flow = flow;
    this.#run = run;
    this.#changed = spin?.handedOn ?? {};
    this.#known = known;
  }

  /**
   * A task's record; for a spin, with the artifacts that it was given in the place of the task's own.
   * @throws MillraceError `task-unknown`, `record-damaged`
   */
  get(ref: TaskRef): AttemptRecord {
    const changed = this.#changed[ref];
    const record = this.#read(ref);
    return changed === undefined ? record : { ...record, artifacts: { ...record.artifacts, ...changed } };
  }

  #read(ref: TaskRef): AttemptRecord {
    const known = this.#records.get(ref);
    if (known !== undefined) return known;
    const { run = this.#run, step, task } = parseTaskRef(ref);
    const atHand = this.#known(run, step, task);
    if (atHand !== undefined) return atHand;
    const record = finishedRecordSync(this.#store, { flow: this.#flow, run, step, task });
    if (record === undefined) throw new MillraceError("task-unknown", { pathspec: this.pathspec(ref), near: undefined });
    this.#records.set(ref, record);
    return record;
  }

  /** What the task hands on to those after it. */
  handedOn(ref: TaskRef): HandedOn {
    const known = this.#handed.get(ref);
    if (known !== undefined) return known;
    const handed = new HandedOn(ref, this.get(ref), this);
    this.#handed.set(ref, handed);
    return handed;
  }

  /** For messages: `Score/12/score/3`. */
  pathspec(ref: TaskRef): string {
    const { run = this.#run, step, task } = parseTaskRef(ref);
    return formatPathspec(this.#flow, run, step, task);
  }
}
