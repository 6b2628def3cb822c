import type { ObjectStore } from "../store/object-store.js";
import { encodeRecord, recordText } from "./record-file.js";
import { indexKey, indexPrefix } from "./layout.js";

const SEGMENT_BYTES = 4 * 1024 * 1024;
const FIRST_FLUSH_MS = 3_000;
/** A segment waits this part of the run's age, so that a run of any length has few. */
const FLUSH_AGE_SHARE = 0.05;

/**
 * Copies of attempt records, many to an object: what lets `resume`, `status` and readers over a network take in a wide
 * run in a few reads. It only saves reads: a record that is not in it counts all the same.
 */
export class AttemptIndexWriter {
  readonly #store: ObjectStore;
  readonly #flow: string;
  readonly #run: string;
  readonly #startedAt: number;
  #lines: string[] = [];
  #bytes = 0;
  #segments = 0;
  #writing: Promise<void> = Promise.resolve();
  #oldest = 0;

  constructor(store: ObjectStore, flow: string, run: string, startedAt: number) {
    this.#store = store;
    this.#flow = flow;
    this.#run = run;
    this.#startedAt = startedAt;
  }

  get segments(): number {
    return this.#segments;
  }

  /** Takes the JSON of one attempt's record. */
  async add(record: string, now: number): Promise<void> {
    if (this.#lines.length === 0) this.#oldest = now;
    this.#lines.push(record);
    this.#bytes += record.length;
    const patience = Math.max(FIRST_FLUSH_MS, (now - this.#startedAt) * FLUSH_AGE_SHARE);
    if (this.#bytes >= SEGMENT_BYTES || now - this.#oldest >= patience) await this.flush();
  }

  /** Writes what has gathered, after what is being written. */
  async flush(): Promise<void> {
    const lines = this.#lines;
    this.#lines = [];
    this.#bytes = 0;
    this.#writing = this.#writing.then(() => this.#write(lines));
    await this.#writing;
  }

  async #write(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    await this.#store.put(indexKey(this.#flow, this.#run, this.#segments), [encodeRecord(lines.join("\n"))]);
    this.#segments++;
  }
}

/** The JSON of the attempt records of each intact segment. A damaged one is passed over: its records stand alone too. */
export async function* readAttemptIndex(store: ObjectStore, flow: string, run: string): AsyncGenerator<readonly string[]> {
  const names = await store.listNames(indexPrefix(flow, run));
  for (const name of [...names].sort()) {
    const key = indexPrefix(flow, run) + name;
    const bytes = await store.get(key);
    if (bytes === undefined) continue;
    let text: string;
    try {
      text = recordText(bytes, `the index of ${flow}/${run}`, key);
    } catch {
      continue;
    }
    yield text.split("\n");
  }
}
