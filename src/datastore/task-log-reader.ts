import { open } from "node:fs/promises";
import type { OutputFiles } from "./output-place.js";
import type { RunStore } from "./run-store.js";
import { formatLog, parseLog, type LogLine } from "./task-log.js";
import type { RunTask } from "./run-tasks.js";

/** What an attempt has printed; nothing when it printed nothing. */
export async function readAttemptLog(run: RunStore, step: string, task: string, attempt: number): Promise<readonly LogLine[]> {
  const bytes = await run.log(step, task, attempt);
  return bytes === undefined ? [] : parseLog(bytes);
}

/**
 * What a task at work has printed so far to these files. Undefined when it has ended meanwhile and they are not its own: then they
 * may hold another task's output already, and its log is complete.
 */
export async function readGrowingFiles(task: RunTask, files: OutputFiles, now: number): Promise<readonly LogLine[] | undefined> {
  const stdout = await readFrom(files.stdout, files.stdoutStart);
  const stderr = await readFrom(files.stderr, files.stderrStart);
  if (!files.own && (await hasEnded(task.ranIn, task.step, task.task, task.attempt))) return undefined;
  const pieces = [
    { time: now, stream: "stdout", bytes: stdout },
    { time: now, stream: "stderr", bytes: stderr },
  ] as const;
  return parseLog(formatLog(pieces));
}

async function hasEnded(run: RunStore, step: string, task: string, attempt: number): Promise<boolean> {
  return ((await run.done(step, task)) ?? (await run.failed(step, task, attempt))) !== undefined;
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
