import { hostname } from "node:os";
import type { AttemptRecord, LogSummary } from "../../core/records.js";
import type { SecretMask } from "../../core/secret-mask.js";
import { parseTaskRef } from "../../core/task-ref.js";
import type { TaskOutcome, TaskSpec } from "../../core/task-spec.js";
import type { Transition } from "../../core/transition.js";
import { ItemsReader } from "../../datastore/artifacts/items-reader.js";
import { attemptRecord } from "../../datastore/attempt-record.js";
import { RunStore } from "../../datastore/run-store.js";
import { droppedNote, formatLog, type LogPiece, type LogStream } from "../../datastore/task-log.js";
import { deathFailure, type Ending } from "./death-failure.js";
import type { TaskOutput } from "./output-file.js";
import type { ProcessExit, TaskProcess } from "./task-process.js";

/** An attempt whose process ended before it had told the attempt's end. */
export interface DeadAttempt {
  readonly run: RunStore;
  readonly spec: TaskSpec;
  readonly process: TaskProcess;
  readonly exit: ProcessExit;
  readonly ending: Ending | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/**
 * How an attempt ended whose process cannot tell any more. Its record may be there all the same: then the task is done.
 * Else what it printed is kept, and a record of the failure is written for it, unless the run itself ended it.
 */
export async function autopsy({ run, spec, process, exit, ending, startedAt }: DeadAttempt): Promise<TaskOutcome> {
  // The output's files are closed right after this call: they are read before anything is waited for.
  const times = { startedAt, finishedAt: Date.now() };
  const stdout = process.stdout.readTask(spec.maxLogBytes / 2);
  const stderr = process.stderr.readTask(spec.maxLogBytes / 2);
  const { mask } = process;
  const said = deathFailure({ exit, ending, stderr: Buffer.from(stderr.tail).toString("utf8"), step: spec.step });
  const failure = mask?.json(said) ?? said;
  const pid = process.pid;
  const named = await labelOf(run, spec);
  const label = named === undefined ? undefined : (mask?.text(named) ?? named);
  const failed = { status: "failed", failure, ...times, ...(label !== undefined && { label }) } as const;
  try {
    const done = await run.done(spec.step, spec.task);
    if (done?.next !== undefined) return doneOutcome(done, done.next, times);
    const log = await keepOutput(run, spec, { stdout, stderr }, times.finishedAt, mask);
    if (ending?.kind !== "stopped") {
      const record = attemptRecord(spec, { ...failed, host: hostname(), pid, log });
      const json = JSON.stringify(record);
      await run.writeAttempt(record, json);
      return { ...failed, record: json };
    }
  } catch {
    // The store fails too: the failure is told all the same.
  }
  return failed;
}

/** What the fan-out's `label` option called the item: the process that knew is gone. */
async function labelOf(run: RunStore, { foreach }: TaskSpec): Promise<string | undefined> {
  const frame = foreach.at(-1);
  if (frame === undefined) return undefined;
  try {
    const { run: id = run.id, step, task } = parseTaskRef(frame.split);
    const ranIn = new RunStore(run.store, { ...run.record, run: id });
    const items = (await ranIn.done(step, task))?.items;
    return items && (await new ItemsReader(run.store).label(items, frame.index, frame.split));
  } catch {
    // A label is for people only; what is wrong with the items is said where they are used.
    return undefined;
  }
}

function doneOutcome(record: AttemptRecord, transition: Transition, times: { readonly startedAt: number; readonly finishedAt: number }): TaskOutcome {
  const { label, caught } = record;
  return {
    status: "done",
    transition,
    ...times,
    record: JSON.stringify(record),
    ...(label !== undefined && { label }),
    ...(caught !== undefined && { caught }),
  };
}

async function keepOutput(
  run: RunStore,
  { step, task, attempt, mode }: TaskSpec,
  output: Readonly<Record<LogStream, TaskOutput>>,
  time: number,
  mask: SecretMask | undefined,
): Promise<LogSummary | undefined> {
  const pieces = (["stdout", "stderr"] as const).flatMap((stream) => piecesOf(stream, output[stream], time, mask));
  if (pieces.length === 0) return undefined;
  const log = formatLog(pieces);
  // What the failed attempt printed stands already.
  if (mode === "catch") await run.appendLog(step, task, attempt, log);
  else await run.writeLog(step, task, attempt, log);
  const droppedBytes = output.stdout.dropped + output.stderr.dropped;
  return { stdoutBytes: bytesOf(output.stdout), stderrBytes: bytesOf(output.stderr), ...(droppedBytes > 0 && { droppedBytes }) };
}

/** The process is gone, and with it the times at which it printed: all of it has the time of its end. */
function piecesOf(stream: LogStream, output: TaskOutput, time: number, mask: SecretMask | undefined): LogPiece[] {
  const { dropped } = output;
  const [head = output.head, tail = output.tail] = mask?.pieces([output.head, output.tail], dropped > 0 ? 1 : undefined) ?? [];
  const parts = dropped > 0 ? [head, droppedNote(dropped), tail] : [head, tail];
  return parts.filter((bytes) => bytes.length > 0).map((bytes) => ({ time, stream, bytes }));
}

function bytesOf({ head, tail, dropped }: TaskOutput): number {
  return head.length + dropped + tail.length;
}
