import { parseSpinId } from "../core/spin-id.js";
import { formatPathspec } from "../core/pathspec.js";
import { isMillraceError } from "../core/errors/millrace-error.js";
import type { AttemptRecord, DroppedMark, LeaseRecord, ReuseRecord, RunRecord, RunResult, RunStatus } from "../core/records.js";
import { readAhead } from "../core/read-ahead.js";
import type { ObjectStore } from "../store/object-store.js";
import { findIndexed, readAttemptIndex } from "./attempt-index.js";
import { doneKey, failedKey, leaseKey, logKey, parseRecordName, resultKey, reusedKey, runKey, stepPrefix, tasksPrefix } from "./layout.js";
import { decodeRecord, encodeRecord } from "./record-file.js";
import { readTags } from "./run-tags.js";
import { runStatus } from "./run-status.js";

/** One run's records: what the scheduler and the tasks write, and everybody reads. */
export class RunStore {
  readonly store: ObjectStore;
  readonly record: RunRecord;
  /** Written once: what was found stays. */
  #result: RunResult | undefined;

  constructor(store: ObjectStore, record: RunRecord) {
    this.store = store;
    this.record = record;
  }

  /** The run of that id, undefined when there is none. */
  static async open(store: ObjectStore, flow: string, run: string): Promise<RunStore | undefined> {
    const found = await RunStore.openReferred(store, flow, run);
    const spin = parseSpinId(run);
    // A spin goes with its run.
    if (spin !== undefined && (await RunStore.open(store, flow, spin.run)) === undefined) return undefined;
    return found?.record.dropped === undefined ? found : undefined;
  }

  /** As {@link open}, for a run that another one refers to: it may have been dropped, and is there for that one alone. */
  static async openReferred(store: ObjectStore, flow: string, run: string): Promise<RunStore | undefined> {
    const key = runKey(flow, run);
    const bytes = await store.get(key);
    return bytes === undefined ? undefined : new RunStore(store, decodeRecord<RunRecord>(bytes, formatPathspec(flow, run), key));
  }

  get flow(): string {
    return this.record.flow;
  }

  get id(): string {
    return this.record.run;
  }

  get pathspec(): string {
    return formatPathspec(this.flow, this.id);
  }

  async status(now: number): Promise<RunStatus> {
    const result = await this.result();
    if (result !== undefined) return result.status;
    const lease = await this.lease();
    const status = runStatus(this.record, lease, undefined, now);
    // A process that is gone may have ended as it should right after the first look.
    return status === "lost" ? runStatus(this.record, lease, await this.result(), now) : status;
  }

  /** How the run ended; undefined while it has not, or when its record is damaged: then it counts as lost, and can be resumed. */
  async result(): Promise<RunResult | undefined> {
    this.#result ??= await this.#readIfIntact<RunResult>(resultKey(this.flow, this.id));
    return this.#result;
  }

  /** Marks the run as dropped, or takes the mark away: it is one object, so a reader sees the one or the other. */
  async writeDropped(dropped: DroppedMark | undefined): Promise<void> {
    const { dropped: _before, ...record } = this.record;
    await this.#write(runKey(this.flow, this.id), dropped === undefined ? record : { ...record, dropped });
  }

  async writeResult(result: RunResult): Promise<void> {
    await this.#write(resultKey(this.flow, this.id), result);
  }

  /** Undefined when there is none, or it is damaged: it is written anew while the scheduler lives. */
  async lease(): Promise<LeaseRecord | undefined> {
    return this.#readIfIntact<LeaseRecord>(leaseKey(this.flow, this.id));
  }

  async writeLease(lease: LeaseRecord): Promise<void> {
    await this.#write(leaseKey(this.flow, this.id), lease);
  }

  /** The run's tags now: those from its start, or from the last edit. Without millrace's own, which `systemTags` tells. */
  async tags(): Promise<readonly string[]> {
    return (await readTags(this)).tags;
  }

  /** What a resumed run takes over from earlier ones; undefined for others. */
  async reused(): Promise<ReuseRecord | undefined> {
    return this.#read<ReuseRecord>(reusedKey(this.flow, this.id), `what ${this.pathspec} reuses`);
  }

  async writeReused(record: ReuseRecord): Promise<void> {
    await this.#write(reusedKey(this.flow, this.id), record);
  }

  /**
   * The record of a finished task of this run; undefined when it is not done.
   * @throws MillraceError `record-damaged`
   */
  doneSync(step: string, task: string): AttemptRecord | undefined {
    const key = doneKey(this.flow, this.id, step, task);
    const bytes = this.store.getSync(key);
    return bytes === undefined ? undefined : decodeRecord<AttemptRecord>(bytes, `${this.pathspec}/${step}/${task}`, key);
  }

  async done(step: string, task: string): Promise<AttemptRecord | undefined> {
    return this.#read<AttemptRecord>(doneKey(this.flow, this.id, step, task), `${this.pathspec}/${step}/${task}`);
  }

  /** The record of an attempt that failed, or the index's copy of one that is damaged. */
  async failed(step: string, task: string, attempt: number): Promise<AttemptRecord | undefined> {
    try {
      return await this.#read<AttemptRecord>(
        failedKey(this.flow, this.id, step, task, attempt),
        `${this.pathspec}/${step}/${task} (attempt ${attempt})`,
      );
    } catch (error) {
      const name = { flow: this.flow, run: this.id, step, task, failedAttempt: attempt };
      const copy = isMillraceError(error, "record-damaged") ? await findIndexed(this.store, name) : undefined;
      if (copy === undefined) throw error;
      return copy;
    }
  }

  /**
   * Commits an attempt's record, given as JSON. This is the moment a task is done. Over a network, what an attempt that was killed
   * had sent may arrive after the next one is done: written only if there is none, it cannot take that one's place.
   */
  writeAttemptSync(record: Pick<AttemptRecord, "step" | "task" | "attempt" | "status">, json: string): void {
    const key = this.#attemptKey(record);
    const chunks = [encodeRecord(json)];
    if (this.store.remote && this.store.putSync(key, chunks, { ifAbsent: true })) return;
    this.store.putSync(key, chunks);
  }

  /** As {@link writeAttemptSync}. */
  async writeAttempt(record: Pick<AttemptRecord, "step" | "task" | "attempt" | "status">, json: string): Promise<void> {
    const key = this.#attemptKey(record);
    const chunks = [encodeRecord(json)];
    if (this.store.remote && (await this.store.put(key, chunks, { ifAbsent: true }))) return;
    await this.store.put(key, chunks);
  }

  #attemptKey({ step, task, attempt, status }: Pick<AttemptRecord, "step" | "task" | "attempt" | "status">): string {
    return status === "done" ? doneKey(this.flow, this.id, step, task) : failedKey(this.flow, this.id, step, task, attempt);
  }

  /** An attempt's log object; undefined when it printed nothing (or has not ended). */
  async log(step: string, task: string, attempt: number): Promise<Uint8Array | undefined> {
    return this.store.get(logKey(this.flow, this.id, step, task, attempt));
  }

  writeLogSync(step: string, task: string, attempt: number, bytes: Uint8Array): void {
    this.store.putSync(logKey(this.flow, this.id, step, task, attempt), [bytes]);
  }

  async writeLog(step: string, task: string, attempt: number, bytes: Uint8Array): Promise<void> {
    await this.store.put(logKey(this.flow, this.id, step, task, attempt), [bytes]);
  }

  async appendLog(step: string, task: string, attempt: number, bytes: Uint8Array): Promise<void> {
    const before = await this.log(step, task, attempt);
    await this.writeLog(step, task, attempt, before === undefined ? bytes : Buffer.concat([before, bytes]));
  }

  /** Adds to an attempt's log. */
  appendLogSync(step: string, task: string, attempt: number, bytes: Uint8Array): void {
    const before = this.store.getSync(logKey(this.flow, this.id, step, task, attempt));
    this.writeLogSync(step, task, attempt, before === undefined ? bytes : Buffer.concat([before, bytes]));
  }

  /**
   * Every attempt on record that ran in this run, done and failed, in no order: from the index where it has them, from
   * their own records else. Records that are damaged are told to `onDamaged` and left out.
   */
  async *attempts(onDamaged?: (error: Error) => void): AsyncGenerator<AttemptRecord> {
    // Read before the index: a run that ends in between adds to the index first.
    const expected = await this.result();
    const seen = new Set<string>();
    let segments = 0;
    let records = 0;
    for await (const lines of readAttemptIndex(this.store, this.flow, this.id)) {
      segments++;
      records += lines.length;
      for (const line of lines) {
        const record = JSON.parse(line) as AttemptRecord;
        seen.add(attemptName(record.step, record.task, record.status === "failed" ? record.attempt : undefined));
        yield record;
      }
    }
    if (segments === expected?.indexSegments && records === (expected.indexRecords ?? records)) return;
    for (const step of await this.store.listNames(tasksPrefix(this.flow, this.id))) {
      yield* this.#ownRecords(step.replace(/\/$/, ""), seen, onDamaged);
    }
  }

  async *#ownRecords(step: string, seen: ReadonlySet<string>, onDamaged?: (error: Error) => void): AsyncGenerator<AttemptRecord> {
    const prefix = stepPrefix(this.flow, this.id, step);
    const unseen = (await this.store.listNames(prefix)).filter((name) => {
      const parsed = parseRecordName(name);
      return parsed !== undefined && !seen.has(attemptName(step, parsed.task, parsed.failedAttempt));
    });
    const read = async (name: string): Promise<AttemptRecord | Error | undefined> => {
      try {
        return await this.#read<AttemptRecord>(prefix + name, `${this.pathspec}/${step}/${parseRecordName(name)?.task}`);
      } catch (error) {
        if (!isMillraceError(error, "record-damaged")) throw error;
        return error;
      }
    };
    for await (const found of readAhead(unseen, read, { atOnce: this.store.remote ? RECORDS_AT_ONCE : 1 })) {
      if (found instanceof Error) onDamaged?.(found);
      else if (found !== undefined) yield found;
    }
  }

  async #read<T extends { readonly format: number }>(key: string, what: string): Promise<T | undefined> {
    const bytes = await this.store.get(key);
    return bytes === undefined ? undefined : decodeRecord<T>(bytes, what, key);
  }

  async #readIfIntact<T extends { readonly format: number }>(key: string): Promise<T | undefined> {
    try {
      return await this.#read<T>(key, key);
    } catch (error) {
      if (isMillraceError(error, "record-damaged")) return undefined;
      throw error;
    }
  }

  async #write(key: string, record: object): Promise<void> {
    await this.store.put(key, [encodeRecord(JSON.stringify(record))]);
  }
}

/** Records read at once where each takes its time. */
const RECORDS_AT_ONCE = 32;

function attemptName(step: string, task: string, failedAttempt: number | undefined): string {
  return failedAttempt === undefined ? `${step}/${task}` : `${step}/${task}#${failedAttempt}`;
}
