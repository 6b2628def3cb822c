import { MillraceError } from "../core/errors/millrace-error.js";
import { nearestName } from "../core/nearest-name.js";
import { formatSpinId } from "../core/spin-id.js";
import { formatPathspec } from "../core/pathspec.js";
import { LAYOUT_VERSION, type RunRecord } from "../core/records.js";
import type { ObjectStore } from "../store/object-store.js";
import { flowPrefix, flowsPrefix, layoutKey, runKey, spinsPrefix } from "./layout.js";
import { encodeRecord } from "./record-file.js";
import { RunStore } from "./run-store.js";

const RUN_ID = /^[1-9]\d*\/$/;

/** How many write a datastore's first object at once, to see that one alone succeeds. */
const FIRST_WRITERS = 3;

/** All flows and runs in one object store. Reading never writes. */
export class Datastore {
  readonly store: ObjectStore;
  #layoutKnown = false;
  #isReady = false;

  constructor(store: ObjectStore) {
    this.store = store;
  }

  get location(): string {
    return this.store.location;
  }

  /**
   * Makes sure that this datastore can be read, before anything rests on it.
   * @throws MillraceError `layout-unknown`, and the store's
   */
  async check(): Promise<void> {
    await this.#checkLayout();
  }

  /** Names of the flows that have runs, sorted. */
  async flows(): Promise<readonly string[]> {
    await this.#checkLayout();
    const names = await this.store.listNames(flowsPrefix);
    return names
      .filter((name) => name.endsWith("/"))
      .map((name) => name.slice(0, -1))
      .sort();
  }

  /** Ids that a flow's runs have taken, newest first; some of them may have been dropped. */
  async runIds(flow: string): Promise<readonly string[]> {
    await this.#checkLayout();
    const names = await this.store.listNames(flowPrefix(flow));
    return names
      .filter((name) => RUN_ID.test(name))
      .map((name) => name.slice(0, -1))
      .sort((a, b) => Number(b) - Number(a));
  }

  /**
   * The run of that id, or the newest for `latest`.
   * @throws MillraceError `flow-unknown`, `run-unknown`, `record-damaged`
   */
  async openRun(flow: string, run: string): Promise<RunStore> {
    await this.#checkLayout();
    if (run !== "latest") {
      const found = await RunStore.open(this.store, flow, run);
      if (found !== undefined) return found;
    }
    const ids = await this.runIds(flow);
    const newest = await this.#newest(flow, ids);
    if (run === "latest" && newest !== undefined) return newest;
    if (ids.length === 0 || run === "latest") {
      // The folder of a flow may be there without a run that counts.
      const others = (await this.flows()).filter((name) => name !== flow);
      throw new MillraceError("flow-unknown", { flow, location: this.location, near: nearestName(flow, others) });
    }
    throw new MillraceError("run-unknown", { flow, run, newest: newest?.id });
  }

  /** The newest run of a flow, undefined when it has none. */
  async latestRun(flow: string): Promise<RunStore | undefined> {
    return this.#newest(flow, await this.runIds(flow));
  }

  /** A folder whose run record is not there is no run, and neither is one that was dropped. */
  async #newest(flow: string, ids: readonly string[]): Promise<RunStore | undefined> {
    for (const id of ids) {
      const found = await RunStore.open(this.store, flow, id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Numbers of the spins of a run's tasks, newest first. */
  async spins(flow: string, run: string): Promise<readonly number[]> {
    const names = await this.store.listNames(spinsPrefix(flow, run));
    return names
      .filter((name) => RUN_ID.test(name))
      .map((name) => Number(name.slice(0, -1)))
      .sort((a, b) => b - a);
  }

  /** Starts a run: takes the next id, atomically. */
  async createRun(make: (run: string) => RunRecord, flow: string): Promise<RunStore> {
    const [[newest = 0]] = await Promise.all([this.runIds(flow), this.#makeReady()]);
    return this.#create(flow, Number(newest), (number) => make(String(number)));
  }

  /**
   * Starts a spin of a task of the run: takes the next id, atomically.
   * @throws MillraceError `run-dropped` when a clean-up drops the run at this moment: one of the two sees the other.
   */
  async createSpin(make: (run: string) => RunRecord, flow: string, run: string): Promise<RunStore> {
    const [[newest = 0]] = await Promise.all([this.spins(flow, run), this.#makeReady()]);
    const spin = await this.#create(flow, newest, (number) => make(formatSpinId({ run, number })));
    if ((await RunStore.open(this.store, flow, run)) === undefined) throw new MillraceError("run-dropped", { pathspec: formatPathspec(flow, run) });
    return spin;
  }

  async #create(flow: string, newest: number, make: (number: number) => RunRecord): Promise<RunStore> {
    for (let number = newest + 1; ; number++) {
      const record = make(number);
      if (await this.store.put(runKey(flow, record.run), [encodeRecord(JSON.stringify(record))], { ifAbsent: true })) {
        return new RunStore(this.store, record);
      }
    }
  }

  /**
   * Writes the layout, unless it is there. All ids rest on the store's word that nothing was there before; where that is open to
   * doubt, this tries it: of the first writers one may succeed, and nobody once the layout is there.
   */
  async #makeReady(): Promise<void> {
    await this.#checkLayout();
    if (this.#isReady) return;
    const doubts = (await this.store.doubtsIfAbsent?.()) ?? false;
    if (this.#layoutKnown && !doubts) return;
    const [writers, winners] = this.#layoutKnown ? [1, 0] : [doubts ? FIRST_WRITERS : 1, 1];
    const layout = Buffer.from(`${JSON.stringify({ layout: LAYOUT_VERSION })}\n`);
    const written = await Promise.all(Array.from({ length: writers }, () => this.store.put(layoutKey, [layout], { ifAbsent: true })));
    if (written.filter(Boolean).length > winners) {
      throw new MillraceError("s3-conditions-missing", { url: this.location, refusal: undefined });
    }
    this.#isReady = true;
  }

  async #checkLayout(): Promise<void> {
    if (this.#layoutKnown) return;
    const bytes = await this.store.get(layoutKey);
    if (bytes === undefined) return;
    const found = readLayout(bytes);
    if (found !== String(LAYOUT_VERSION)) throw new MillraceError("layout-unknown", { location: this.location, found, known: LAYOUT_VERSION });
    this.#layoutKnown = true;
  }
}

function readLayout(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("utf8").trim();
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "layout" in value) return String(value.layout);
  } catch {
    return `“${text.slice(0, 40)}”`;
  }
  return `“${text.slice(0, 40)}”`;
}
