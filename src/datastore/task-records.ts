import { MillraceError } from "../core/errors/millrace-error.js";
import { formatPathspec } from "../core/pathspec.js";
import type { AttemptRecord, RunRecord, SpinRecord } from "../core/records.js";
import { ByteCache } from "./artifacts/byte-cache.js";
import { formatTaskRef, parseTaskRef, type TaskRef } from "../core/task-ref.js";
import { indexedLinesSync } from "./attempt-index.js";
import { finishedRecordSync } from "./finished-record.js";
import type { ObjectStore } from "../store/object-store.js";
import { HandedOn } from "./handed-on.js";
import { doneKey } from "./layout.js";
import { RecentMap } from "./recent-map.js";

/** Siblings of a fan-out share a parent, and a warm process runs many of them. */
const KEPT_RECORDS = 256;

/** Of records that were not read from their own objects; a wide join takes many in at once. */
const TEXT_BYTES = 64 * 1024 * 1024;
/** About what a record takes. */
const RECORD_BYTES = 8 * 1024;
const RECORDS_AHEAD = 32;

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
  readonly #texts = new ByteCache<string>(TEXT_BYTES);
  /** In the order in which they will be asked for, most likely. */
  #expected: readonly TaskRef[] = [];
  #places: ReadonlyMap<TaskRef, number> = new Map();
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

  /** Takes note of a record that is known already, where reading it would take its time. */
  remember(ref: TaskRef, json: string): void {
    if (this.#store.remote) this.#texts.set(ref, json, json.length);
  }

  /**
   * Makes ready to give the records of many tasks one after another, where the store takes its time: the next ones are read while
   * one is looked at.
   * @param indexed The run's index has them, and is worth reading for them.
   */
  expect(refs: Iterable<TaskRef>, indexed: boolean): void {
    if (this.#store.prefetch === undefined) return;
    this.#expected = [...refs];
    this.#places = new Map(this.#expected.map((ref, place) => [ref, place]));
    if (indexed) this.#takeFromIndex();
  }

  #takeFromIndex(): void {
    let room = TEXT_BYTES;
    for (const line of indexedLinesSync(this.#store, this.#flow, this.#run)) {
      const { step, task, status } = JSON.parse(line) as AttemptRecord;
      const ref = formatTaskRef(step, task);
      if (status !== "done" || !this.#places.has(ref)) continue;
      room -= line.length;
      if (room < 0) return;
      this.remember(ref, line);
    }
  }

  /** Begins to read the records of tasks, where the store takes its time. */
  fetchAhead(refs: readonly TaskRef[]): void {
    for (const ref of new Set(refs)) {
      if (this.#records.get(ref) !== undefined || this.#texts.get(ref) !== undefined) continue;
      const { run = this.#run, step, task } = parseTaskRef(ref);
      this.#store.prefetch?.(doneKey(this.#flow, run, step, task), RECORD_BYTES);
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
    const place = this.#places.get(ref);
    if (place !== undefined) this.fetchAhead(this.#expected.slice(place, place + RECORDS_AHEAD));
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
