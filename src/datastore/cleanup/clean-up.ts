import type { ObjectStore } from "../../store/object-store.js";
import type { Datastore } from "../datastore.js";
import { packagesPrefix, runKey, runPrefix, temporaryPrefix } from "../layout.js";
import { readPackages } from "../packed-packages.js";
import { LOST_FOR_GOOD_MS } from "../run-status.js";
import type { RunStore } from "../run-store.js";
import { BlobReferences } from "./blob-references.js";
import { GRACE_MS, plus, sweepBlobs, type Amount } from "./blob-sweep.js";
import { Claim } from "./claim.js";
import { Needs } from "./needs.js";
import { chooseRuns, findRuns, isBusy, readMark, type ChosenRun, type FoundRuns, type RunCriteria } from "./run-choice.js";

export interface CleanUpOptions {
  /** Which runs are to go; none when nothing is said. */
  readonly criteria: RunCriteria;
  /** Only tell what would be done. */
  readonly dryRun: boolean;
  /** Milliseconds since the epoch, now. */
  readonly now: () => number;
}

/** A run that was dropped, or would be. */
export interface DroppedRun {
  readonly run: RunStore;
  /** Of its records, logs and cards; none for one that is kept for others. */
  readonly size: Amount;
  /** The runs in sight that refer to tasks of it: it is out of sight, and stays readable for them. */
  readonly keptFor: readonly string[];
}

export interface CleanUpReport {
  readonly dropped: readonly DroppedRun[];
  /** Runs that an earlier clean-up had dropped, and whose rest went now. */
  readonly finished: readonly DroppedRun[];
  /** Runs that were to go, but may be at work. */
  readonly busy: readonly RunStore[];
  /** Blobs that no run refers to. */
  readonly unused: Amount;
  /** Blobs that no run refers to, and that are too young to go. */
  readonly recent: Amount;
  /** What killed processes left, half-written. */
  readonly temporary: Amount;
  /** What cannot be read. Blobs stay while a run's own record is among them. */
  readonly damaged: readonly Error[];
  /** Blobs were left alone: nobody knows what a damaged run refers to. */
  readonly blobsLeftAlone: boolean;
}

/**
 * Drops runs, and the data that no run refers to. What a run in sight refers to stays, and so does what a run at work
 * stores meanwhile. May be killed at any moment: what is left half done is out of sight already, and the next one goes on.
 * @throws MillraceError `gc-running` when another is at work, `gc-slow`
 */
export async function cleanUp(datastore: Datastore, options: CleanUpOptions): Promise<CleanUpReport> {
  if (options.dryRun) return new CleanUp(datastore, options, undefined).run();
  await using claim = await Claim.take(datastore.store, options.now);
  return await new CleanUp(datastore, options, claim).run();
}

class CleanUp {
  readonly #datastore: Datastore;
  readonly #store: ObjectStore;
  readonly #options: CleanUpOptions;
  /** Undefined: nothing is to be changed. */
  readonly #claim: Claim | undefined;

  constructor(datastore: Datastore, options: CleanUpOptions, claim: Claim | undefined) {
    this.#datastore = datastore;
    this.#store = datastore.store;
    this.#options = options;
    this.#claim = claim;
  }

  async run(): Promise<CleanUpReport> {
    const now = this.#options.now();
    const before = await findRuns(this.#datastore);
    const { chosen, busy } = await chooseRuns(this.#datastore, before, this.#options.criteria, now);
    const found = await this.#takeFromSight(before, chosen);
    // Before the records are read: what a run at work adds to them afterwards, it stores later than this.
    const horizon = await this.#horizon(found, now);
    const blobs = new BlobReferences(this.#store);
    const needs = new Needs(blobs, new Map(found.dropped.map((run) => [run.pathspec, run])));
    for (const run of found.visible) for (const one of [run, ...(found.spins.get(run.pathspec) ?? [])]) await needs.add(one);
    const dropped = await this.#dropObjects(found, needs);
    await this.#dropStrays(found, now);
    const temporary = await this.#dropTemporaries(now);
    const blobsLeftAlone = found.damaged.length > 0;
    const { unused, recent } = blobsLeftAlone ? { unused: NONE, recent: NONE } : await sweepBlobs(this.#store, blobs.keys, horizon, this.#claim);
    if (!blobsLeftAlone) await this.#dropPackages(blobs.keys, horizon);
    const isChosen = new Set(chosen.map(({ run }) => run.pathspec));
    return {
      dropped: dropped.filter(({ run }) => isChosen.has(run.pathspec)),
      finished: dropped.filter(({ run, size }) => !isChosen.has(run.pathspec) && size.count > 0),
      busy,
      unused,
      recent,
      temporary,
      damaged: [...found.damaged.map(({ error }) => error), ...needs.damaged, ...blobs.damaged],
      blobsLeftAlone,
    };
  }

  /**
   * Marks the chosen runs, and only then looks which runs there are: a resume that has begun meanwhile is seen, and one
   * that begins later sees the mark. A run stays whose tags were edited at that moment, of which a
   * task began to be spun, or that came back to life.
   */
  async #takeFromSight(before: FoundRuns, chosen: readonly ChosenRun[]): Promise<FoundRuns> {
    if (this.#claim === undefined) {
      const gone = chosen.map(({ run }) => run);
      const names = new Set(gone.map(({ pathspec }) => pathspec));
      return {
        ...before,
        visible: before.visible.filter(({ pathspec }) => !names.has(pathspec)),
        dropped: [...before.dropped, ...gone],
        damaged: before.damaged.filter(({ flow, id }) => !names.has(`${flow}/${id}`)),
      };
    }
    for (const { run, mark } of chosen) await run.writeDropped({ at: this.#options.now(), ...mark, final: false });
    const after = await findRuns(this.#datastore);
    const wanted = new Set<RunStore>();
    for (const run of after.dropped) {
      const { dropped } = run.record;
      if (dropped === undefined || dropped.final) continue;
      const { tagEdit, renewedAt, spins } = await readMark(run);
      const isWanted = tagEdit !== dropped.tagEdit || renewedAt !== dropped.renewedAt || spins !== dropped.spins;
      await run.writeDropped(isWanted ? undefined : { ...dropped, final: true });
      if (isWanted) wanted.add(run);
    }
    return { ...after, visible: [...after.visible, ...wanted], dropped: after.dropped.filter((run) => !wanted.has(run)) };
  }

  /** Of the runs that nobody refers to, all goes but the run's record, which keeps its id taken for a while. */
  async #dropObjects({ dropped }: FoundRuns, needs: Needs): Promise<readonly DroppedRun[]> {
    const told: DroppedRun[] = [];
    for (const run of dropped) {
      const keptFor = [...(needs.keptFor.get(run.pathspec) ?? [])];
      const own = runKey(run.flow, run.id);
      let size = NONE;
      const keys: string[] = [];
      if (keptFor.length === 0) {
        for await (const object of this.#store.list(runPrefix(run.flow, run.id))) {
          if (object.key === own) continue;
          size = plus(size, object);
          keys.push(object.key);
        }
        await this.#claim?.delete(keys);
        await this.#dropRecord(run);
      }
      told.push({ run, size, keptFor });
    }
    return told;
  }

  /** The record of the newest run stays for good, so that ids go up; that of another one until nobody can be about to take its id. */
  async #dropRecord(run: RunStore): Promise<void> {
    const { dropped } = run.record;
    if (this.#claim === undefined || dropped === undefined || this.#options.now() - dropped.at < GRACE_MS) return;
    const [newest] = await this.#datastore.runIds(run.flow);
    if (newest !== undefined && Number(newest) > Number(run.id)) await this.#claim.delete([runKey(run.flow, run.id)]);
  }

  /** What a run that was taken for lost has written after it was dropped. */
  async #dropStrays({ strays }: FoundRuns, now: number): Promise<void> {
    for (const { flow, id } of strays) {
      const keys: string[] = [];
      let youngest = 0;
      for await (const object of this.#store.list(runPrefix(flow, id))) {
        keys.push(object.key);
        youngest = Math.max(youngest, object.modifiedAt);
      }
      if (keys.length > 0 && now - youngest > LOST_FOR_GOOD_MS) await this.#claim?.delete(keys);
    }
  }

  /** What says where packed packages are, when they are there no more. */
  async #dropPackages(kept: ReadonlySet<string>, horizon: number): Promise<void> {
    if (this.#claim === undefined) return;
    const gone: string[] = [];
    for await (const { key, modifiedAt } of this.#store.list(packagesPrefix)) {
      if (modifiedAt >= horizon) continue;
      const archive = readPackages(await this.#store.get(key))?.archive.key;
      if (archive === undefined || (!kept.has(archive) && (await this.#store.stat(archive)) === undefined)) gone.push(key);
    }
    await this.#claim.delete(gone);
  }

  async #dropTemporaries(now: number): Promise<Amount> {
    let size = NONE;
    const keys: string[] = [];
    for await (const object of this.#store.list(temporaryPrefix)) {
      if (now - object.modifiedAt < GRACE_MS) continue;
      size = plus(size, object);
      keys.push(object.key);
    }
    await this.#claim?.delete(keys);
    return size;
  }

  /**
   * A run at work refers to nothing that was stored, or made young, long before it began: blobs from before that may go. What the
   * clocks of machines say counts only where it spares more than the store's own clock.
   */
  async #horizon({ visible, dropped, spins }: FoundRuns, now: number): Promise<number> {
    let earliest = Math.min(now, this.#claim?.takenAt ?? now);
    for (const run of [...visible, ...dropped, ...[...spins.values()].flat()]) {
      if (!(await isBusy(run, now))) continue;
      // The mark of a dropped one was stored later.
      const created = run.record.dropped === undefined ? await this.#store.stat(runKey(run.flow, run.id)) : undefined;
      earliest = Math.min(earliest, run.record.startedAt, created?.modifiedAt ?? earliest);
    }
    return earliest - GRACE_MS;
  }
}

const NONE: Amount = { count: 0, bytes: 0 };
