import { isMillraceError, MillraceError } from "../core/errors/millrace-error.js";
import type { Graph } from "../core/graph.js";
import type { ReuseRecord, RunRecord } from "../core/records.js";
import { formatTaskRef, parseTaskRef, unpackTaskRefs } from "../core/task-ref.js";
import type { Datastore } from "../datastore/datastore.js";
import { RunStore } from "../datastore/run-store.js";
import type { FinishedTask, Origin } from "./origin.js";
import { downstream } from "./step-plan.js";

/**
 * Reads what a run finished, itself and by the runs it referred to in its turn.
 * @param onDamaged Hears of records that cannot be read; their tasks run again.
 */
export async function loadOrigin(options: {
  readonly datastore: Datastore;
  readonly run: RunStore;
  /** The graph of the code as it is now. */
  readonly graph: Graph;
  /** A step to run again with all after it. */
  readonly fromStep: string | undefined;
  readonly onDamaged: (error: Error) => void;
}): Promise<Origin> {
  const { run, fromStep, datastore } = options;
  // A clean-up that has taken the run from sight before it could see the one that goes on from it may delete it any moment.
  if ((await RunStore.open(datastore.store, run.flow, run.id)) === undefined) throw new MillraceError("run-dropped", { pathspec: run.pathspec });
  const finished = await finishedBy(run, options);
  return {
    run: run.id,
    rerun: fromStep === undefined ? new Set() : downstream(options.graph, fromStep),
    find: (step, task) => finished.get(formatTaskRef(step, task)),
  };
}

interface Sources {
  readonly datastore: Datastore;
  readonly onDamaged: (error: Error) => void;
}

/** What a run finished itself, and what it referred to. */
async function finishedBy(run: RunStore, sources: Sources): Promise<Map<string, FinishedTask>> {
  const { origin } = run.record;
  if (origin === undefined) return finishedIn(run, sources);
  const reused = await readReused(run, sources);
  return reused === undefined
    ? finishedBefore(run, origin, sources)
    : new Map([...(await finishedEarlier(run, reused, sources)), ...(await finishedIn(run, sources))]);
}

/**
 * A run that was killed before it had noted what it takes over has finished nothing itself: its own origin is gone on
 * from. If only the note is damaged, what the run did itself cannot be told from what it rests on, and is left out.
 */
async function finishedBefore(run: RunStore, origin: NonNullable<RunRecord["origin"]>, sources: Sources): Promise<Map<string, FinishedTask>> {
  const before = await openEarlier(run.flow, origin.run, sources);
  if (before === undefined) return new Map();
  const rerun = origin.step === undefined ? new Set<string>() : downstream(run.record.graph, origin.step);
  const finished = await finishedBy(before, sources);
  return new Map([...finished].filter(([, { ref }]) => !rerun.has(parseTaskRef(ref).step)));
}

async function readReused(run: RunStore, { onDamaged }: Sources): Promise<ReuseRecord | undefined> {
  try {
    return await run.reused();
  } catch (error) {
    if (!isMillraceError(error, "record-damaged")) throw error;
    onDamaged(error);
    return undefined;
  }
}

async function finishedEarlier(run: RunStore, { tasks, awaited = [] }: ReuseRecord, sources: Sources): Promise<Map<string, FinishedTask>> {
  const namesOf = new Map<string, Set<string>>();
  for (const ref of unpackTaskRefs([...tasks, ...awaited])) {
    const { run: id, step, task } = parseTaskRef(ref);
    if (id === undefined) continue;
    let names = namesOf.get(id);
    if (names === undefined) namesOf.set(id, (names = new Set()));
    names.add(formatTaskRef(step, task));
  }
  const finished = new Map<string, FinishedTask>();
  for (const [id, names] of namesOf) {
    const earlier = await openEarlier(run.flow, id, sources);
    const there = earlier === undefined ? new Map<string, FinishedTask>() : await finishedIn(earlier, sources);
    for (const [name, task] of there) if (names.has(name)) finished.set(name, task);
  }
  return finished;
}

/** A run that was deleted takes its tasks with it: they run again. */
async function openEarlier(flow: string, id: string, { datastore, onDamaged }: Sources): Promise<RunStore | undefined> {
  try {
    const found = await RunStore.openReferred(datastore.store, flow, id);
    if (found === undefined) onDamaged(new MillraceError("run-unknown", { flow, run: id, newest: undefined }));
    return found;
  } catch (error) {
    if (!isMillraceError(error, "record-damaged")) throw error;
    onDamaged(error);
    return undefined;
  }
}

async function finishedIn(run: RunStore, { onDamaged }: Sources): Promise<Map<string, FinishedTask>> {
  const finished = new Map<string, FinishedTask>();
  for await (const record of run.attempts(onDamaged)) {
    if (record.status !== "done" || record.next === undefined) continue;
    finished.set(formatTaskRef(record.step, record.task), {
      ref: formatTaskRef(record.step, record.task, run.id),
      transition: record.next,
    });
  }
  return finished;
}
