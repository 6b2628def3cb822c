import { MillraceError } from "../core/errors/millrace-error.js";
import { formatPathspec } from "../core/pathspec.js";
import type { AttemptRecord, RunRecord, SpinRecord } from "../core/records.js";
import { formatTaskRef, parseTaskRef, type TaskRef } from "../core/task-ref.js";
import { indexedLinesSync } from "./attempt-index.js";
import { finishedRecordSync } from "./finished-record.js";
import type { ObjectStore } from "../store/object-store.js";
import { HandedOn } from "./handed-on.js";
import { doneKey } from "./layout.js";
import { RecentMap } from "./recent-map.js";

/** Siblings of a fan-out share a parent, and a warm process runs many of them. */
const KEPT_RECORDS = 256;

/** A wide join takes these in at once. */
const KEPT_TEXTS = 20_000;
const INDEXED_BYTES = 64 * 1024 * 1024;
/** About what a record takes. */
const RECORD_BYTES = 8 * 1024;
/** Fewer records than this are read one by one. */
const INDEX_FROM = 4;

/** The record of a finished task, if it is at hand. */
export type KnownRecords = (run: string, step: string, task: string) => AttemptRecord | undefined;

/** Reads the records of finished tasks that a run's tasks start from. */
export class TaskRecords {
  readonly #store: ObjectStore;
  readonly #flow: string;
  readonly #run: string;
  readonly #changed: NonNullable<SpinRecord["handedOn"]>;
  readonly #known: KnownRecords;
  /** Records as JSON, from elsewhere than their own objects. */
  readonly #texts = new RecentMap<TaskRef, string>(KEPT_TEXTS);
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

  /** Takes note of a record that is known already, so that it need not be read. */
  remember(ref: TaskRef, json: string): void {
    this.#texts.set(ref, json);
  }

  /**
   * Makes ready to give the records of many tasks, where the store takes its time: those that the runs' indexes have are read from
   * there, many at once.
   */
  readAhead(refs: readonly TaskRef[]): void {
    if (this.#store.prefetch === undefined) return;
    const wanted = new Map<string, Set<TaskRef>>();
    for (const ref of refs) {
      if (this.#records.get(ref) !== undefined || this.#texts.get(ref) !== undefined) continue;
      const { run = this.#run } = parseTaskRef(ref);
      const ofRun = wanted.get(run) ?? new Set();
      wanted.set(run, ofRun.add(ref));
    }
    for (const [run, ofRun] of wanted) if (ofRun.size >= INDEX_FROM) this.#takeFromIndex(run, ofRun);
  }

  /** Begins to read the records of tasks, where the store takes its time. */
  fetchAhead(refs: readonly TaskRef[]): void {
    for (const ref of new Set(refs)) {
      if (this.#records.get(ref) !== undefined || this.#texts.get(ref) !== undefined) continue;
      const { run = this.#run, step, task } = parseTaskRef(ref);
      this.#store.prefetch?.(doneKey(this.#flow, run, step, task), RECORD_BYTES);
    }
  }

  #takeFromIndex(run: string, wanted: ReadonlySet<TaskRef>): void {
    let room = INDEXED_BYTES;
    for (const line of indexedLinesSync(this.#store, this.#flow, run)) {
      const { step, task, status } = JSON.parse(line) as AttemptRecord;
      const ref = formatTaskRef(step, task, run === this.#run ? undefined : run);
      if (status !== "done" || !wanted.has(ref)) continue;
      room -= line.length;
      if (room < 0) return;
      this.#texts.set(ref, line);
    }
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
    const record = this.#remembered(ref) ?? finishedRecordSync(this.#store, { flow: this.#flow, run, step, task });
    if (record === undefined) throw new MillraceError("task-unknown", { pathspec: this.pathspec(ref), near: undefined });
    this.#records.set(ref, record);
    return record;
  }

  #remembered(ref: TaskRef): AttemptRecord | undefined {
    const text = this.#texts.get(ref);
    return text === undefined ? undefined : (JSON.parse(text) as AttemptRecord);
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
