import type { Failure } from "../core/failure.js";
import { formatPathspec } from "../core/pathspec.js";
import type { AttemptRecord, RunningTask, RunStatus } from "../core/records.js";
import { compareTaskIds } from "../core/task-id.js";
import { formatTaskRef, parseTaskRef, unpackTaskRefs, type TaskRef } from "../core/task-ref.js";
import { RunStore } from "./run-store.js";

/** A task of a run, as far as it is. */
export interface RunTask {
  /** In the run that was asked for, also when an earlier run did the work. */
  readonly pathspec: string;
  readonly step: string;
  readonly task: string;
  readonly status: "done" | "failed" | "running";
  /** From 0: the latest. */
  readonly attempt: number;
  /** An earlier run finished it. */
  readonly reused: boolean;
  /** The run that did the work. */
  readonly ranIn: RunStore;
  /** Milliseconds since the epoch. */
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  readonly label: string | undefined;
  readonly failure: Failure | undefined;
  /** Bytes that the latest attempt printed. */
  readonly printed: number;
  /** What the lease says of it while it is at work. */
  readonly atWork: RunningTask | undefined;
}

export interface RunTasks {
  readonly status: RunStatus;
  /** In the flow's order of steps, then by place. */
  readonly tasks: readonly RunTask[];
  /** Records that are damaged; their tasks are left out. */
  readonly damaged: readonly Error[];
}

/** Every task of a run that has a record, is reused, or is at work now. */
export async function readRunTasks(run: RunStore, now: number): Promise<RunTasks> {
  // Read before the records: a task that ends meanwhile is then found done, not missed.
  const [status, lease] = await Promise.all([run.status(now), run.lease()]);
  const tasks = new Map<TaskRef, RunTask>();
  const damaged: Error[] = [];
  await addReused(run, tasks, damaged);
  for await (const record of run.attempts((error) => damaged.push(error))) {
    const ref = formatTaskRef(record.step, record.task);
    const known = tasks.get(ref);
    if (known === undefined || known.reused || supersedes(record, known)) tasks.set(ref, ownTask(run, record));
  }
  if (status === "running") {
    for (const atWork of lease?.running ?? []) addRunning(run, tasks, atWork);
  }
  const order = new Map(run.record.graph.steps.map(({ name }, place) => [name, place]));
  const sorted = [...tasks.values()].toSorted((a, b) => (order.get(a.step) ?? 0) - (order.get(b.step) ?? 0) || compareTaskIds(a.task, b.task));
  return { status, tasks: sorted, damaged };
}

/** The latest attempt counts; a done one is the last. */
function supersedes(record: AttemptRecord, known: RunTask): boolean {
  return record.status === "done" || (known.status !== "done" && record.attempt > known.attempt);
}

function ownTask(run: RunStore, record: AttemptRecord): RunTask {
  return { ...describe(record), pathspec: formatPathspec(run.flow, run.id, record.step, record.task), reused: false, ranIn: run };
}

function describe(record: AttemptRecord): Omit<RunTask, "pathspec" | "reused" | "ranIn"> {
  const { step, task, status, attempt, startedAt, finishedAt, label, failure, log } = record;
  const printed = log === undefined ? 0 : log.stdoutBytes + log.stderrBytes;
  return { step, task, status, attempt, startedAt, finishedAt, label, failure, printed, atWork: undefined };
}

function addRunning(run: RunStore, tasks: Map<TaskRef, RunTask>, atWork: RunningTask): void {
  const { step, task, attempt, startedAt } = atWork;
  const ref = formatTaskRef(step, task);
  const known = tasks.get(ref);
  // The lease is a few seconds old: what it calls running may have ended since.
  if (known !== undefined && !known.reused && (known.status === "done" || known.attempt >= attempt)) return;
  const pathspec = formatPathspec(run.flow, run.id, step, task);
  const unknown = { finishedAt: undefined, label: known?.label, failure: undefined, printed: 0 };
  tasks.set(ref, { pathspec, step, task, attempt, startedAt, ...unknown, status: "running", reused: false, ranIn: run, atWork });
}

/** Tasks that earlier runs finished, with the records they left there. */
async function addReused(run: RunStore, tasks: Map<TaskRef, RunTask>, damaged: Error[]): Promise<void> {
  const reuse = await run.reused();
  const byRun = new Map<string, Set<TaskRef>>();
  for (const ref of unpackTaskRefs(reuse?.tasks ?? [])) {
    const { run: origin, step, task } = parseTaskRef(ref);
    if (origin === undefined) continue;
    const refs = byRun.get(origin) ?? new Set();
    byRun.set(origin, refs.add(formatTaskRef(step, task)));
  }
  for (const [id, refs] of byRun) {
    const origin = await RunStore.open(run.store, run.flow, id);
    if (origin === undefined) continue;
    for await (const record of origin.attempts((error) => damaged.push(error))) {
      const ref = formatTaskRef(record.step, record.task);
      if (record.status !== "done" || !refs.has(ref)) continue;
      tasks.set(ref, { ...describe(record), pathspec: formatPathspec(run.flow, run.id, record.step, record.task), reused: true, ranIn: origin });
    }
  }
}
