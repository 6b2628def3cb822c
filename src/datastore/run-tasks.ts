import { isMillraceError, MillraceError } from "../core/errors/millrace-error.js";
import type { Failure } from "../core/failure.js";
import { formatPathspec } from "../core/pathspec.js";
import type { AttemptRecord, ReuseRecord, RunningTask, RunStatus } from "../core/records.js";
import { compareTaskPlaces, parseTaskId } from "../core/task-id.js";
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
  /** Of the latest attempt; undefined while it is at work. */
  readonly record: AttemptRecord | undefined;
}

/** A task that has ended. */
export type EndedTask = RunTask & { readonly record: AttemptRecord };

/** The tasks of a run at a moment. */
export class RunTasks {
  readonly status: RunStatus;
  /** In the flow's order of steps, then by place. */
  readonly tasks: readonly RunTask[];
  /** Records that are damaged; their tasks are left out. */
  readonly damaged: readonly Error[];
  readonly #byRef: ReadonlyMap<TaskRef, RunTask>;

  /** @param tasks By their refs in the run. */
  constructor(run: RunStore, status: RunStatus, tasks: ReadonlyMap<TaskRef, RunTask>, damaged: readonly Error[]) {
    this.status = status;
    this.tasks = inOrder(run, tasks.values());
    this.damaged = damaged;
    this.#byRef = tasks;
  }

  /** The task at a place of the graph; undefined when there is none on record. */
  get(step: string, task: string): RunTask | undefined {
    return this.#byRef.get(formatTaskRef(step, task));
  }
}

/** Every task of a run that has a record, is reused, or is at work now. */
export async function readRunTasks(run: RunStore, now: number): Promise<RunTasks> {
  // Read before the records: a task that ends meanwhile is then found done, not missed.
  const status = await run.status(now);
  const lease = status === "running" ? await run.lease() : undefined;
  const tasks = new Map<TaskRef, RunTask>();
  const damaged: Error[] = [];
  await addReused(run, tasks, damaged);
  for await (const record of run.attempts((error) => damaged.push(error))) {
    const ref = formatTaskRef(record.step, record.task);
    const known = tasks.get(ref);
    if (known === undefined || known.reused || supersedes(record, known)) tasks.set(ref, ownTask(run, record));
  }
  for (const atWork of lease?.running ?? []) addRunning(run, tasks, atWork);
  return new RunTasks(run, status, tasks, damaged);
}

/**
 * One task that this run did or does itself, read without the others: for who looks again and again.
 * @throws MillraceError `record-damaged`
 */
export async function readOwnTask(run: RunStore, { step, task }: Pick<RunTask, "step" | "task">, now: number): Promise<RunTasks> {
  // In this order, as above.
  const status = await run.status(now);
  const lease = status === "running" ? await run.lease() : undefined;
  const tasks = new Map<TaskRef, RunTask>();
  const record = await latestAttempt(run, step, task);
  if (record !== undefined) tasks.set(formatTaskRef(step, task), ownTask(run, record));
  for (const atWork of lease?.running ?? []) if (atWork.step === step && atWork.task === task) addRunning(run, tasks, atWork);
  return new RunTasks(run, status, tasks, []);
}

async function latestAttempt(run: RunStore, step: string, task: string): Promise<AttemptRecord | undefined> {
  const done = await run.done(step, task);
  if (done !== undefined) return done;
  for (let latest: AttemptRecord | undefined, attempt = 0; ; attempt++) {
    const failed = await run.failed(step, task, attempt);
    if (failed === undefined) return latest;
    latest = failed;
  }
}

/** A task that has ended, as its record tells of it. */
export function ownTask(run: RunStore, record: AttemptRecord): EndedTask {
  return endedTask(run, record, { ranIn: run, reused: false });
}

/**
 * The task as an earlier attempt left it: every attempt but the latest failed.
 * @throws MillraceError `attempt-missing` when it has no such attempt, `record-damaged`
 */
export async function taskAtAttempt(task: RunTask, attempt: number): Promise<RunTask> {
  if (attempt === task.attempt) return task;
  const record = attempt < task.attempt ? await task.ranIn.failed(task.step, task.task, attempt) : undefined;
  if (record === undefined) throw new MillraceError("attempt-missing", { task: task.pathspec, attempt, last: task.attempt });
  return { ...endedTask(task.ranIn, record, task), pathspec: task.pathspec };
}

/** In the flow's order of steps, then by place. */
function inOrder(run: RunStore, tasks: Iterable<RunTask>): RunTask[] {
  const order = new Map(run.record.graph.steps.map(({ name }, place) => [name, place]));
  const placed = Array.from(tasks, (task) => ({
    task,
    step: order.get(task.step) ?? 0,
    place: parseTaskId(task.task) ?? { path: [], iteration: 0 },
  }));
  return placed.sort((a, b) => a.step - b.step || compareTaskPlaces(a.place, b.place)).map(({ task }) => task);
}

/** The latest attempt counts; a done one is the last. */
function supersedes(record: AttemptRecord, known: RunTask): boolean {
  return record.status === "done" || (known.status !== "done" && record.attempt > known.attempt);
}

/** Written out, field by field: a wide run has many of these. */
function endedTask(run: RunStore, record: AttemptRecord, { ranIn, reused }: Pick<RunTask, "ranIn" | "reused">): EndedTask {
  const { step, task, log } = record;
  return {
    pathspec: `${run.flow}/${run.id}/${step}/${task}`,
    step,
    task,
    status: record.status,
    attempt: record.attempt,
    reused,
    ranIn,
    startedAt: record.startedAt,
    finishedAt: record.finishedAt,
    label: record.label,
    failure: record.failure,
    printed: log === undefined ? 0 : log.stdoutBytes + log.stderrBytes,
    atWork: undefined,
    record,
  };
}

function addRunning(run: RunStore, tasks: Map<TaskRef, RunTask>, atWork: RunningTask): void {
  const { step, task, attempt, startedAt } = atWork;
  const ref = formatTaskRef(step, task);
  const known = tasks.get(ref);
  // The lease is a few seconds old: what it calls running may have ended since.
  if (known !== undefined && !known.reused && (known.status === "done" || known.attempt >= attempt)) return;
  const pathspec = formatPathspec(run.flow, run.id, step, task);
  const unknown = { finishedAt: undefined, label: known?.label, failure: undefined, printed: 0, record: undefined };
  tasks.set(ref, { pathspec, step, task, attempt, startedAt, ...unknown, status: "running", reused: false, ranIn: run, atWork });
}

/** Tasks that earlier runs finished, with the records they left there. What cannot be read of them is told. */
async function addReused(run: RunStore, tasks: Map<TaskRef, RunTask>, damaged: Error[]): Promise<void> {
  const reuse = await readReuse(run, damaged);
  const byRun = new Map<string, Set<TaskRef>>();
  for (const ref of unpackTaskRefs(reuse?.tasks ?? [])) {
    const { run: origin, step, task } = parseTaskRef(ref);
    if (origin === undefined) continue;
    const refs = byRun.get(origin) ?? new Set();
    byRun.set(origin, refs.add(formatTaskRef(step, task)));
  }
  for (const [id, refs] of byRun) await addFinishedIn(run, id, refs, tasks, damaged);
}

/** The named tasks of one earlier run. Those that are gone with it are told. */
async function addFinishedIn(run: RunStore, id: string, refs: Set<TaskRef>, tasks: Map<TaskRef, RunTask>, damaged: Error[]): Promise<void> {
  const before = damaged.length;
  const origin = await ifIntact(() => RunStore.openReferred(run.store, run.flow, id), damaged);
  if (origin !== undefined) {
    for await (const record of origin.attempts((error) => damaged.push(error))) {
      const ref = formatTaskRef(record.step, record.task);
      if (record.status === "done" && refs.delete(ref)) tasks.set(ref, endedTask(run, record, { ranIn: origin, reused: true }));
    }
  }
  const [first] = refs;
  if (first === undefined || damaged.length > before) return;
  damaged.push(new MillraceError("reused-gone", { run: run.pathspec, origin: formatPathspec(run.flow, id), first, count: refs.size }));
}

/** Only a run that goes on from another one reuses tasks. */
async function readReuse(run: RunStore, damaged: Error[]): Promise<ReuseRecord | undefined> {
  return run.record.origin === undefined ? undefined : ifIntact(() => run.reused(), damaged);
}

async function ifIntact<T>(read: () => Promise<T | undefined>, damaged: Error[]): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!isMillraceError(error, "record-damaged")) throw error;
    damaged.push(error);
    return undefined;
  }
}
