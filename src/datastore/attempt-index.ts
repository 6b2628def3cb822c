import { isMillraceError } from "../core/errors/millrace-error.js";
import { readAhead } from "../core/read-ahead.js";
import type { AttemptRecord } from "../core/records.js";
import type { ObjectStore } from "../store/object-store.js";
import { encodeRecord, recordText } from "./record-file.js";
import { indexKey, indexPrefix } from "./layout.js";

const SEGMENT_BYTES = 4 * 1024 * 1024;
const SEGMENTS_AT_ONCE = 4;
const FIRST_FLUSH_MS = 3_000;
/** What is new waits for this part of the run's age, so that a segment is not written too often. */
const FLUSH_AGE_SHARE = 0.05;

/**
 * Copies of attempt records, many to an object: what lets `resume`, `status` and readers over a network take in a wide
 * run in a few reads, and what stands in for a record that was damaged. A record that is not in it counts all the same.
 * A segment is written anew with more in it until it is full, so that a run of any length has few.
 */
export class AttemptIndexWriter {
  readonly #store: ObjectStore;
  readonly #flow: string;
  readonly #run: string;
  readonly #startedAt: number;
  readonly #segmentBytes: number;
  /** Of the segment that is not full yet. */
  #lines: string[] = [];
  #bytes = 0;
  /** How many of the lines are written, or being written. */
  #written = 0;
  /** Which segment that is. */
  #segment = 0;
  /** Objects written. */
  #segments = 0;
  #records = 0;
  #writing: Promise<void> = Promise.resolve();
  #oldest = 0;

  /** @param segmentBytes From how many bytes on a segment is full. */
  constructor(store: ObjectStore, flow: string, run: string, startedAt: number, segmentBytes = SEGMENT_BYTES) {
    this.#store = store;
    this.#flow = flow;
    this.#run = run;
    this.#startedAt = startedAt;
    this.#segmentBytes = segmentBytes;
  }

  /** Bytes of all that it has, about. */
  get bytes(): number {
    return this.#segment * this.#segmentBytes + this.#bytes;
  }

  get segments(): number {
    return this.#segments;
  }

  /** How many records it was given. */
  get records(): number {
    return this.#records;
  }

  /** Takes the JSON of one attempt's record. */
  async add(record: string, now: number): Promise<void> {
    if (this.#lines.length === this.#written) this.#oldest = now;
    this.#lines.push(record);
    this.#records++;
    this.#bytes += record.length;
    const patience = Math.max(FIRST_FLUSH_MS, (now - this.#startedAt) * FLUSH_AGE_SHARE);
    if (this.#bytes >= this.#segmentBytes || now - this.#oldest >= patience) await this.flush();
  }

  /** Writes what has gathered, after what is being written. */
  async flush(): Promise<void> {
    if (this.#lines.length > this.#written) {
      const segment = this.#segment;
      const record = encodeRecord(this.#lines.join("\n"));
      this.#written = this.#lines.length;
      if (this.#bytes >= this.#segmentBytes) this.#begin(segment + 1);
      this.#writing = this.#writing.then(() => this.#write(segment, record));
    }
    await this.#writing;
  }

  #begin(segment: number): void {
    this.#segment = segment;
    this.#lines = [];
    this.#bytes = 0;
    this.#written = 0;
  }

  async #write(segment: number, record: Uint8Array): Promise<void> {
    await this.#store.put(indexKey(this.#flow, this.#run, segment), [record]);
    this.#segments = segment + 1;
  }
}

/** The JSON of the attempt records of each intact segment. A damaged one is passed over: its records stand alone too. */
export async function* readAttemptIndex(store: ObjectStore, flow: string, run: string): AsyncGenerator<readonly string[]> {
  const names = await store.listNames(indexPrefix(flow, run));
  const keys = [...names].sort().map((name) => indexPrefix(flow, run) + name);
  const read = async (key: string): Promise<readonly string[] | undefined> => {
    const bytes = await store.get(key);
    return bytes === undefined ? undefined : linesOf(bytes, key);
  };
  for await (const lines of readAhead(keys, read, { atOnce: SEGMENTS_AT_ONCE })) if (lines !== undefined) yield lines;
}

/** Which attempt of a run. */
export interface AttemptName {
  readonly flow: string;
  readonly run: string;
  readonly step: string;
  readonly task: string;
  /** The number of an attempt that failed; absent for the one that finished the task. */
  readonly failedAttempt?: number;
}

/** The index's copy of an attempt's record; undefined when it has none. */
export async function findIndexed(store: ObjectStore, name: AttemptName): Promise<AttemptRecord | undefined> {
  for await (const lines of readAttemptIndex(store, name.flow, name.run)) {
    const found = findIn(lines, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `findIndexed`, for who cannot wait. */
export function findIndexedSync(store: ObjectStore, name: AttemptName): AttemptRecord | undefined {
  return findIn(indexedLinesSync(store, name.flow, name.run), name);
}

function findIn(lines: Iterable<string>, { step, task, failedAttempt }: AttemptName): AttemptRecord | undefined {
  const taskField = `"task":${JSON.stringify(task)}`;
  for (const line of lines) {
    if (!line.includes(taskField)) continue;
    const record = JSON.parse(line) as AttemptRecord;
    const attempt = record.status === "failed" ? record.attempt : undefined;
    if (record.step === step && record.task === task && attempt === failedAttempt) return record;
  }
  return undefined;
}

/** The JSON of each attempt record that a run's index has, a segment in memory at a time. */
export function* indexedLinesSync(store: ObjectStore, flow: string, run: string): Generator<string> {
  for (let segment = 0; ; segment++) {
    const key = indexKey(flow, run, segment);
    const bytes = store.getSync(key);
    if (bytes === undefined) return;
    yield* linesOf(bytes, key) ?? [];
  }
}

/** A segment's lines; undefined when it is damaged. */
function linesOf(bytes: Uint8Array, key: string): readonly string[] | undefined {
  try {
    return recordText(bytes, "the index", key).split("\n");
  } catch (error) {
    if (isMillraceError(error, "record-damaged")) return undefined;
    throw error;
  }
}
