import type { Graph } from "../core/graph.js";
import { formatTaskRef, parseTaskRef, unpackTaskRefs } from "../core/task-ref.js";
import type { Datastore } from "../datastore/datastore.js";
import type { RunStore } from "../datastore/run-store.js";
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
  const { run, datastore, fromStep, onDamaged } = options;
  const finished = await finishedIn(run, onDamaged);
  const earlier = new Map<string, Set<string>>();
  for (const ref of unpackTaskRefs((await run.reused())?.tasks ?? [])) {
    const { run: id, step, task } = parseTaskRef(ref);
    if (id === undefined) continue;
    let names = earlier.get(id);
    if (names === undefined) earlier.set(id, (names = new Set()));
    names.add(formatTaskRef(step, task));
  }
  for (const [id, names] of earlier) {
    const there = await finishedIn(await datastore.openRun(run.flow, id), onDamaged);
    for (const name of names) {
      const task = there.get(name);
      if (task !== undefined) finished.set(name, task);
    }
  }
  return {
    run: run.id,
    rerun: fromStep === undefined ? new Set() : downstream(options.graph, fromStep),
    find: (step, task) => finished.get(formatTaskRef(step, task)),
  };
}

async function finishedIn(run: RunStore, onDamaged: (error: Error) => void): Promise<Map<string, FinishedTask>> {
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
