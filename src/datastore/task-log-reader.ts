import { open } from "node:fs/promises";
import type { JsonValue } from "../core/json.js";
import type { RunningTask } from "../core/records.js";
import type { RunStore } from "./run-store.js";
import { formatLog, parseLog, type LogLine, type LogStream } from "./task-log.js";
import type { RunTask } from "./run-tasks.js";

/** What a task printed at the attempt at hand; of a task at work, so far. */
export async function readLog(task: RunTask, now: number): Promise<readonly LogLine[]> {
  if (task.status !== "running" && task.printed === 0) return [];
  const growing = task.status === "running" ? await readGrowingLog(task, now) : undefined;
  return growing ?? readAttemptLog(task.ranIn, task.step, task.task, task.attempt);
}

/** What an attempt has printed; nothing when it printed nothing. */
export async function readAttemptLog(run: RunStore, step: string, task: string, attempt: number): Promise<readonly LogLine[]> {
  const bytes = await run.log(step, task, attempt);
  return bytes === undefined ? [] : parseLog(bytes);
}

/**
 * What a task at work has printed so far. Undefined when it has ended meanwhile: then the place where its output grew
 * may hold another task's already, and its log is complete.
 */
export async function readGrowingLog({ ranIn, step, task, attempt, atWork }: RunTask, now: number): Promise<readonly LogLine[] | undefined> {
  const place = placeOf(atWork);
  if (place === undefined) return undefined;
  const stdout = await readFrom(place.stdout, place.stdoutStart);
  const stderr = await readFrom(place.stderr, place.stderrStart);
  if (await hasEnded(ranIn, step, task, attempt)) return undefined;
  const pieces = [
    { time: now, stream: "stdout", bytes: stdout },
    { time: now, stream: "stderr", bytes: stderr },
  ] as const;
  return parseLog(formatLog(pieces));
}

async function hasEnded(run: RunStore, step: string, task: string, attempt: number): Promise<boolean> {
  return ((await run.done(step, task)) ?? (await run.failed(step, task, attempt))) !== undefined;
}

/** Where the local pool lets a task's output grow. */
type OutputPlace = Readonly<Record<LogStream, string>> & { readonly stdoutStart: number; readonly stderrStart: number };

function placeOf(atWork: RunningTask | undefined): OutputPlace | undefined {
  const output: JsonValue | undefined = atWork?.output;
  if (typeof output !== "object" || output === null || Array.isArray(output)) return undefined;
  const { stdout, stderr, stdoutStart, stderrStart } = output as Readonly<Record<string, JsonValue>>;
  if (typeof stdout !== "string" || typeof stderr !== "string" || typeof stdoutStart !== "number" || typeof stderrStart !== "number")
    return undefined;
  return { stdout, stderr, stdoutStart, stderrStart };
}

/** A file's bytes from an offset on; none when it is gone. */
async function readFrom(path: string, offset: number): Promise<Uint8Array> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.max(0, size - offset));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
    return buffer.subarray(0, bytesRead);
  } catch {
    return new Uint8Array();
  }
}
