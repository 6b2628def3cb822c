import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SlurmExit } from "./exit-code.js";

/** What a job's script leaves when its task is over: a file of this name with the exit code, beside its output. */
const SUFFIX = ".exit";

/** Shell lines before the task: a job that Slurm itself ends leaves no mark, since it may be started again. */
export function markLinesBefore(folder: string, quote: (text: string) => string): readonly string[] {
  return [
    'id="$SLURM_JOB_ID"; [ -z "$SLURM_ARRAY_JOB_ID" ] || id="${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"',
    `mark=${quote(folder)}"/$id${SUFFIX}"; rm -f "$mark"`,
    "stopped=; trap 'stopped=yes' TERM INT",
  ];
}

/** Shell lines after the task. */
export const markLinesAfter: readonly string[] = ["code=$?", '[ -n "$stopped" ] || { echo "$code" >"$mark"; } 2>/dev/null', 'exit "$code"'];

/**
 * The jobs whose scripts have come to their end, by id. Slurm itself may notice much later: when the daemon that watched the job
 * was killed, or while what the site does after each job takes its time.
 */
export function readEndMarks(folder: string): ReadonlyMap<string, SlurmExit> {
  const marks = new Map<string, SlurmExit>();
  for (const name of namesIn(folder)) {
    if (!name.endsWith(SUFFIX)) continue;
    const code = codeIn(join(folder, name));
    // Above 128: a shell's word for a signal.
    if (code !== undefined) marks.set(name.slice(0, -SUFFIX.length), code > 128 ? { code: 0, signal: code - 128 } : { code, signal: 0 });
  }
  return marks;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Not there yet, or on no file system that this machine sees.
    return [];
  }
}

function codeIn(path: string): number | undefined {
  try {
    const text = readFileSync(path, "utf8").trim();
    return /^\d+$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}
