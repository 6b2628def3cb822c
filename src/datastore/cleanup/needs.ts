import { isMillraceError } from "../../core/errors/millrace-error.js";
import type { AttemptRecord } from "../../core/records.js";
import { formatTaskRef, parseTaskRef, unpackTaskRefs, type TaskRef } from "../../core/task-ref.js";
import type { RunStore } from "../run-store.js";
import type { BlobReferences } from "./blob-references.js";

/** What is needed of a run that another one refers to: some of its tasks, or everything. */
type Need = Set<TaskRef> | "everything";

/**
 * Finds what the runs in sight need of others: a resumed run refers to tasks of earlier ones, and these to tasks before
 * them, in runs earlier still. Gathers the blobs on the way.
 */
export class Needs {
  /** For each run that is referred to (`Score/3`), the runs in sight that it is kept for. */
  readonly keptFor = new Map<string, Set<string>>();
  readonly damaged: Error[] = [];
  readonly #blobs: BlobReferences;
  readonly #droppable: ReadonlyMap<string, RunStore>;
  readonly #pending = new Map<string, Need>();
  readonly #met = new Map<string, Need>();

  /** @param droppable The runs that may go, by pathspec: what is not needed of them goes. */
  constructor(blobs: BlobReferences, droppable: ReadonlyMap<string, RunStore>) {
    this.#blobs = blobs;
    this.#droppable = droppable;
  }

  /** Gathers what a run in sight needs. */
  async add(run: RunStore): Promise<void> {
    await this.#blobs.addRun(run.record);
    await this.#addOrigin(run, run.pathspec);
    for await (const record of run.attempts((error) => this.damaged.push(error))) {
      await this.#blobs.addAttempt(record);
      for (const ref of refsOf(record)) this.#need(run.flow, ref, run.pathspec);
    }
    await this.#meetAll(run.pathspec);
  }

  /** What it took over from others is noted; if that is not noted yet, or damaged, it may take over all that its origin has. */
  async #addOrigin(run: RunStore, keeper: string): Promise<void> {
    const { origin } = run.record;
    if (origin === undefined) return;
    const reused = await this.#reused(run);
    if (reused === undefined) this.#needAll(run.flow, origin.run, keeper);
    else for (const ref of unpackTaskRefs(reused)) this.#need(run.flow, ref, keeper);
  }

  async #reused(run: RunStore): Promise<readonly string[] | undefined> {
    try {
      const reused = await run.reused();
      return reused && [...reused.tasks, ...(reused.awaited ?? [])];
    } catch (error) {
      if (!isMillraceError(error, "record-damaged")) throw error;
      this.damaged.push(error);
      return undefined;
    }
  }

  #need(flow: string, ref: TaskRef, keeper: string): void {
    const { run, step, task } = parseTaskRef(ref);
    const target = run === undefined ? undefined : this.#droppable.get(`${flow}/${run}`);
    if (target === undefined) return;
    this.#noteKeeper(target, keeper);
    const name = formatTaskRef(step, task);
    const met = this.#met.get(target.pathspec);
    if (met === "everything" || met?.has(name) === true) return;
    const pending = this.#pending.get(target.pathspec);
    if (pending === undefined) this.#pending.set(target.pathspec, new Set([name]));
    else if (pending !== "everything") pending.add(name);
  }

  #needAll(flow: string, run: string, keeper: string): void {
    const target = this.#droppable.get(`${flow}/${run}`);
    if (target === undefined) return;
    this.#noteKeeper(target, keeper);
    if (this.#met.get(target.pathspec) !== "everything") this.#pending.set(target.pathspec, "everything");
  }

  #noteKeeper({ pathspec }: RunStore, keeper: string): void {
    this.keptFor.set(pathspec, (this.keptFor.get(pathspec) ?? new Set()).add(keeper));
  }

  async #meetAll(keeper: string): Promise<void> {
    for (;;) {
      const [next] = this.#pending;
      if (next === undefined) return;
      const [pathspec, need] = next;
      this.#pending.delete(pathspec);
      const run = this.#droppable.get(pathspec);
      if (run !== undefined) await this.#meet(run, need, keeper);
    }
  }

  async #meet(run: RunStore, need: Need, keeper: string): Promise<void> {
    await this.#blobs.addRun(run.record);
    const met = this.#met.get(run.pathspec) ?? new Set<TaskRef>();
    if (need === "everything") {
      this.#met.set(run.pathspec, need);
      await this.#addOrigin(run, keeper);
    } else this.#met.set(run.pathspec, met);
    const records = await this.#byTask(run);
    const open = need === "everything" ? [...records.keys()] : [...need];
    const done = need === "everything" || met === "everything" ? new Set<TaskRef>() : met;
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (done.has(name)) continue;
      done.add(name);
      for (const record of records.get(name) ?? []) {
        await this.#blobs.addAttempt(record);
        for (const ref of refsOf(record)) {
          const { run: other, step, task } = parseTaskRef(ref);
          if (other === undefined) open.push(formatTaskRef(step, task));
          else this.#need(run.flow, ref, keeper);
        }
      }
    }
  }

  async #byTask(run: RunStore): Promise<ReadonlyMap<TaskRef, readonly AttemptRecord[]>> {
    const records = new Map<TaskRef, AttemptRecord[]>();
    for await (const record of run.attempts((error) => this.damaged.push(error))) {
      const name = formatTaskRef(record.step, record.task);
      records.set(name, [...(records.get(name) ?? []), record]);
    }
    return records;
  }
}

/** The tasks that a record refers to: those it goes on from, where its artifacts are, where it fanned out. */
function* refsOf({ parents, inherited, foreach = [] }: AttemptRecord): Generator<TaskRef> {
  yield* unpackTaskRefs(parents);
  yield* Object.keys(inherited);
  for (const { split } of foreach) yield split;
}
