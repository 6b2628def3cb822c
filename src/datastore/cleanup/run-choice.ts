import { isMillraceError } from "../../core/errors/millrace-error.js";
import { LAYOUT_VERSION, type DroppedMark, type RunStatus } from "../../core/records.js";
import { formatSpinId } from "../../core/spin-id.js";
import { systemTags } from "../../core/tags.js";
import type { ObjectStore } from "../../store/object-store.js";
import type { Datastore } from "../datastore.js";
import { spinsPrefix } from "../layout.js";
import { mayBeAtWork } from "../run-status.js";
import { RunStore } from "../run-store.js";
import { readTags } from "../run-tags.js";

/** Which runs are to go: those that meet all that is said. */
export interface RunCriteria {
  /** Of this flow only. */
  readonly flow?: string;
  /** This run only. */
  readonly run?: string;
  /** Started longer ago than this, in milliseconds. */
  readonly olderThanMs?: number;
  /** Not among so many newest runs of their flow. */
  readonly keep?: number;
  /** They have all of these tags. */
  readonly tags?: readonly string[];
  /** They have none of these tags. */
  readonly withoutTags?: readonly string[];
  readonly statuses?: readonly RunStatus[];
}

/** Whether anything is said of which runs are to go; if not, none is. */
export function choosesRuns({ flow: _flow, tags, withoutTags, statuses, ...rest }: RunCriteria): boolean {
  return [tags, withoutTags, statuses].some((list) => (list?.length ?? 0) > 0) || Object.values(rest).some((value) => value !== undefined);
}

/** The runs of a datastore, as a clean-up finds them. */
export interface FoundRuns {
  /** In sight, the newest first of each flow. */
  readonly visible: readonly RunStore[];
  /** Taken from sight, now or by an earlier clean-up. */
  readonly dropped: readonly RunStore[];
  /** Spins of all of these runs, by the pathspec of the run. */
  readonly spins: ReadonlyMap<string, readonly RunStore[]>;
  /** Folders of runs that have no run record, by flow and id. */
  readonly strays: readonly { readonly flow: string; readonly id: string }[];
  /** Runs whose record cannot be read: nobody knows what they refer to. */
  readonly damaged: readonly DamagedRun[];
}

export interface DamagedRun {
  readonly flow: string;
  readonly id: string;
  readonly error: Error;
}

export async function findRuns(datastore: Datastore): Promise<FoundRuns> {
  const visible: RunStore[] = [];
  const dropped: RunStore[] = [];
  const spins = new Map<string, readonly RunStore[]>();
  const strays: { flow: string; id: string }[] = [];
  const damaged: DamagedRun[] = [];
  for (const flow of await datastore.flows()) {
    for (const id of await datastore.runIds(flow)) {
      try {
        const run = await RunStore.openReferred(datastore.store, flow, id);
        if (run === undefined) strays.push({ flow, id });
        else spins.set(run.pathspec, await findSpins(datastore, run, damaged));
        if (run !== undefined) (run.record.dropped === undefined ? visible : dropped).push(run);
      } catch (error) {
        if (!isMillraceError(error, "record-damaged")) throw error;
        damaged.push({ flow, id, error });
      }
    }
  }
  return { visible, dropped, spins, strays, damaged };
}

async function findSpins(datastore: Datastore, { flow, id }: RunStore, damaged: DamagedRun[]): Promise<readonly RunStore[]> {
  const found: RunStore[] = [];
  for (const number of await datastore.spins(flow, id)) {
    const spin = formatSpinId({ run: id, number });
    try {
      const opened = await RunStore.openReferred(datastore.store, flow, spin);
      if (opened !== undefined) found.push(opened);
    } catch (error) {
      if (!isMillraceError(error, "record-damaged")) throw error;
      damaged.push({ flow, id: spin, error });
    }
  }
  return found;
}

/** Stands for a run whose record is damaged, so that it can be dropped. */
export function damagedRun(store: ObjectStore, { flow, id }: DamagedRun): RunStore {
  return new RunStore(store, {
    format: LAYOUT_VERSION,
    flow,
    run: id,
    startedAt: 0,
    user: "",
    host: "",
    pid: 0,
    millrace: "",
    node: "",
    code: { hash: "", package: { codec: "json", value: null }, file: "", exportName: "" },
    graph: { flow, steps: [] },
    parameterDefinitions: [],
    parameters: {},
    initial: {},
    options: { maxWorkers: 1, maxNumSplits: 1, keepGoing: false, with: [], maxLogBytes: 0 },
    tags: [],
  });
}

/** A run that is to go, and what was known of it before it was looked at closer: if that changes, somebody uses it. */
export interface ChosenRun {
  readonly run: RunStore;
  readonly mark: Omit<DroppedMark, "at" | "final">;
}

/** What changes when somebody uses a run. */
export async function readMark(run: RunStore): Promise<ChosenRun["mark"]> {
  const [{ edit }, lease, spins] = await Promise.all([readTags(run), run.lease(), run.store.listNames(spinsPrefix(run.flow, run.id))]);
  return { tagEdit: edit, spins: spins.length, ...(lease !== undefined && { renewedAt: lease.renewedAt }) };
}

/** The runs that meet the criteria, and those of them that stay because they may be at work. */
export interface RunChoice {
  readonly chosen: readonly ChosenRun[];
  readonly busy: readonly RunStore[];
}

/** One whose record is damaged goes when it is named. */
export async function chooseRuns(datastore: Datastore, { visible, damaged }: FoundRuns, criteria: RunCriteria, now: number): Promise<RunChoice> {
  const chosen: ChosenRun[] = [];
  const busy: RunStore[] = [];
  if (!choosesRuns(criteria)) return { chosen, busy };
  for (const found of damaged) {
    if (found.flow !== criteria.flow || found.id !== criteria.run) continue;
    const run = damagedRun(datastore.store, found);
    chosen.push({ run, mark: await readMark(run) });
  }
  const places = new Map<string, number>();
  for (const run of visible) {
    const place = places.get(run.flow) ?? 0;
    places.set(run.flow, place + 1);
    const mark = await readMark(run);
    if (!(await meets(run, place, criteria, now))) continue;
    // Read after the mark: a spin that begins from now on changes it.
    if (await anyBusy([run, ...(await findSpins(datastore, run, []))], now)) busy.push(run);
    else chosen.push({ run, mark });
  }
  return { chosen, busy };
}

async function meets(run: RunStore, place: number, criteria: RunCriteria, now: number): Promise<boolean> {
  const { flow, run: id, olderThanMs, keep, tags = [], withoutTags = [], statuses = [] } = criteria;
  if (flow !== undefined && run.flow !== flow) return false;
  if (id !== undefined && run.id !== id) return false;
  if (keep !== undefined && place < keep) return false;
  if (olderThanMs !== undefined && now - run.record.startedAt <= olderThanMs) return false;
  if (tags.length > 0 || withoutTags.length > 0) {
    const has = new Set([...systemTags(run.record), ...(await run.tags())]);
    if (!tags.every((tag) => has.has(tag)) || withoutTags.some((tag) => has.has(tag))) return false;
  }
  return statuses.length === 0 || statuses.includes(await run.status(now));
}

async function anyBusy(runs: readonly RunStore[], now: number): Promise<boolean> {
  for (const run of runs) if (await isBusy(run, now)) return true;
  return false;
}

/** Whether a run may be at work now. */
export async function isBusy(run: RunStore, now: number): Promise<boolean> {
  // Opened anew: what was read of it before may be old.
  const [lease, result] = await Promise.all([run.lease(), new RunStore(run.store, run.record).result()]);
  return mayBeAtWork(run.record, lease, result, now);
}
