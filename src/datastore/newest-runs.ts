import type { Datastore } from "./datastore.js";
import { RunStore } from "./run-store.js";

/** Runs of several flows, the newest first; only those that are asked for are read. */
export async function* newestRuns(datastore: Datastore, flows: readonly string[]): AsyncGenerator<RunStore> {
  const queues = await Promise.all(flows.map(async (flow) => new FlowRuns(datastore, flow, await datastore.runIds(flow))));
  for (;;) {
    const heads = await Promise.all(queues.map((queue) => queue.head()));
    let newest: { readonly run: RunStore; readonly place: number } | undefined;
    heads.forEach((run, place) => {
      if (run !== undefined && (newest === undefined || run.record.startedAt > newest.run.record.startedAt)) newest = { run, place };
    });
    if (newest === undefined) return;
    yield newest.run;
    queues[newest.place]?.advance();
  }
}

/** One flow's runs; the next is read when it is asked for. */
class FlowRuns {
  readonly #datastore: Datastore;
  readonly #flow: string;
  readonly #ids: readonly string[];
  #next = 0;
  #head: RunStore | undefined;

  constructor(datastore: Datastore, flow: string, ids: readonly string[]) {
    this.#datastore = datastore;
    this.#flow = flow;
    this.#ids = ids;
  }

  /** The newest that was not passed over; undefined at the end. A folder without a run record is no run. */
  async head(): Promise<RunStore | undefined> {
    while (this.#head === undefined) {
      const id = this.#ids[this.#next];
      if (id === undefined) return undefined;
      this.#next++;
      this.#head = await RunStore.open(this.#datastore.store, this.#flow, id);
    }
    return this.#head;
  }

  advance(): void {
    this.#head = undefined;
  }
}
