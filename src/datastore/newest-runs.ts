import { isMillraceError } from "../core/errors/millrace-error.js";
import { readAhead } from "../core/read-ahead.js";
import { ArtifactReader } from "./artifacts/artifact-reader.js";
import type { Datastore } from "./datastore.js";
import { headerFits, recordFits, type RunFilter } from "./run-filter.js";
import { readRunHeader, type RunHeader } from "./run-header.js";
import { RunStore } from "./run-store.js";

/** Runs read at once. */
const PAGE = 16;
/** Runs are numbered as they start, but the clocks of several machines may differ. */
const CLOCK_SLACK_MS = 24 * 60 * 60 * 1000;

export interface NewestRunsOptions {
  readonly now: number;
  readonly filter?: RunFilter;
  /** Only runs of a lower number than this one. */
  readonly before?: number;
  /** Hears of runs that cannot be read; they are left out. */
  onDamaged(error: Error): void;
}

/** Runs of several flows that fit, the newest first. They are read as they are asked for, a page ahead at most. */
export async function* newestRuns(datastore: Datastore, flows: readonly string[], options: NewestRunsOptions): AsyncGenerator<RunHeader> {
  const queues = flows.map((flow) => flowRuns(datastore, flow, options));
  try {
    const heads = await Promise.all(queues.map((queue) => queue.next()));
    for (;;) {
      let place = -1;
      let newest: RunHeader | undefined;
      for (const [index, { value }] of heads.entries()) {
        if (value === undefined || (newest !== undefined && value.run.record.startedAt <= newest.run.record.startedAt)) continue;
        newest = value;
        place = index;
      }
      const queue = queues[place];
      if (newest === undefined || queue === undefined) return;
      yield newest;
      heads[place] = await queue.next();
    }
  } finally {
    for (const queue of queues) await queue.return(undefined);
  }
}

async function* flowRuns(datastore: Datastore, flow: string, options: NewestRunsOptions): AsyncGenerator<RunHeader, undefined> {
  const { filter = {}, before = Number.POSITIVE_INFINITY, onDamaged } = options;
  const ids = (await datastore.runIds(flow)).filter((id) => Number(id) < before);
  const reader = new ArtifactReader(datastore.store);
  for await (const found of readAhead(ids, (id) => lookAt(datastore, flow, id, options, reader), { atOnce: PAGE })) {
    if (found.damaged !== undefined) onDamaged(found.damaged);
    else if (found.startedAt < (filter.since ?? 0) - CLOCK_SLACK_MS) return undefined;
    else if (found.header !== undefined) yield found.header;
  }
  return undefined;
}

type Found =
  | { readonly damaged: Error }
  /** Without a header it does not fit, or is no run: a folder without a record. */
  | { readonly damaged?: undefined; readonly startedAt: number; readonly header?: RunHeader };

async function lookAt(datastore: Datastore, flow: string, id: string, options: NewestRunsOptions, reader: ArtifactReader): Promise<Found> {
  const { filter = {}, now } = options;
  try {
    const run = await RunStore.open(datastore.store, flow, id);
    if (run === undefined) return { startedAt: Number.POSITIVE_INFINITY };
    const { startedAt } = run.record;
    if (!recordFits(run.record, filter)) return { startedAt };
    const header = await readRunHeader(run, now);
    return { startedAt, ...((await headerFits(header, filter, reader)) && { header }) };
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    return { damaged: error };
  }
}
