import { isMillraceError } from "../../core/errors/millrace-error.js";
import type { Failure } from "../../core/failure.js";
import type { AttemptRecord, LogSummary } from "../../core/records.js";
import type { TaskOutcome, TaskSpec } from "../../core/task-spec.js";
import { attemptRecord } from "../../datastore/attempt-record.js";
import type { RunStore } from "../../datastore/run-store.js";
import { formatLog, type LogPiece } from "../../datastore/task-log.js";

/** The record that an attempt's job has left in the run; undefined when it left none that can be read. */
export async function readEnd(run: RunStore, { step, task, attempt }: TaskSpec): Promise<AttemptRecord | undefined> {
  const done = await ifIntact(run.done(step, task));
  if (done?.next !== undefined) return done;
  return ifIntact(run.failed(step, task, attempt));
}

/** One that is damaged counts as none. */
async function ifIntact(reading: Promise<AttemptRecord | undefined>): Promise<AttemptRecord | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isMillraceError(error, "record-damaged")) return undefined;
    throw error;
  }
}

/** How a job sees its task's process end when a signal has ended all of them at once. */
const AT_A_SIGNAL = "killed";
/** The names of what an engine says that knows no more of it than the job itself. */
const NO_NEWS: ReadonlySet<string> = new Set(["ProcessExited", "ProcessKilled", "JobExited", "JobKilled", "JobFailed", "JobLost"]);

/**
 * The record of a task whose process a signal has ended, with what the engine knows of who sent it and why: that the node failed, or
 * that the job's time was up. Any other record as it is.
 */
export function withEngineWords(record: AttemptRecord, failure: Failure | undefined): AttemptRecord {
  const isBetter = record.failure?.code === AT_A_SIGNAL && failure !== undefined && !NO_NEWS.has(failure.name);
  return isBetter ? { ...record, failure } : record;
}

/** What a record says of the attempt's end. */
export function outcomeOf(record: AttemptRecord): TaskOutcome {
  const { startedAt, finishedAt, label, caught, next, failure, noRetry } = record;
  const common = { startedAt, finishedAt, record: JSON.stringify(record), ...(label !== undefined && { label }) };
  if (record.status === "done" && next !== undefined) return { status: "done", transition: next, ...common, ...(caught !== undefined && { caught }) };
  return {
    status: "failed",
    failure: failure ?? { code: "exception", name: "Error", message: "The attempt failed.", frames: [] },
    ...common,
    ...(noRetry !== undefined && { noRetry }),
  };
}

/** An attempt whose job could not leave a record itself. */
export interface LostAttempt {
  readonly spec: TaskSpec;
  readonly failure: Failure;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly finishedAt: number;
  /** Where it ran, for the record: `batch`. */
  readonly host: string;
  /** What it printed, as far as the engine knows. */
  readonly printed: readonly LogPiece[];
}

/** Writes the record of a failed attempt in the place of its job. */
export async function writeLost(run: RunStore, { spec, failure, startedAt, finishedAt, host, printed }: LostAttempt): Promise<AttemptRecord> {
  const { step, task, attempt } = spec;
  if (printed.length > 0) await run.writeLog(step, task, attempt, formatLog(printed));
  const log = printed.length > 0 ? summary(printed) : undefined;
  const record = attemptRecord(spec, { status: "failed", failure, startedAt, finishedAt, host, pid: 0, log });
  await run.writeAttempt(record, JSON.stringify(record));
  return record;
}

function summary(pieces: readonly LogPiece[]): LogSummary {
  const bytesOf = (stream: LogPiece["stream"]): number =>
    pieces.filter((piece) => piece.stream === stream).reduce((sum, piece) => sum + piece.bytes.length, 0);
  return { stdoutBytes: bytesOf("stdout"), stderrBytes: bytesOf("stderr") };
}
