import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SlurmExit } from "./exit-code.js";

/** What a job's script leaves when its task is over: a file of this name with the exit code, beside its output. */
const SUFFIX = ".exit";
/** The same for a job that Slurm itself has ended, without a code: it may be started again. */
const STOPPED_SUFFIX = ".stopped";

/** Shell lines before the task. */
export function markLinesBefore(folder: string, quote: (text: string) => string): readonly string[] {
  return [
    'id="$SLURM_JOB_ID"; [ -z "$SLURM_ARRAY_JOB_ID" ] || id="${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"',
    `mark=${quote(folder)}"/$id"; rm -f "$mark${SUFFIX}" "$mark${STOPPED_SUFFIX}"`,
    "stopped=; trap 'stopped=yes' TERM INT",
  ];
}

/** Shell lines after the task. */
export const markLinesAfter: readonly string[] = [
  "code=$?",
  `{ if [ -n "$stopped" ]; then : >"$mark${STOPPED_SUFFIX}"; else echo "$code" >"$mark${SUFFIX}"; fi; } 2>/dev/null`,
  'exit "$code"',
];

/** What the jobs of a folder have left in it so far. */
export interface JobTraces {
  /**
   * The jobs whose scripts have come to their end, by id. Slurm itself may notice much later: when the daemon that watched the job
   * was killed, or while what the site does after each job takes its time.
   */
  readonly ends: ReadonlyMap<string, SlurmExit>;
  /** How many files there are: more than before, and a job has begun or ended meanwhile. */
  readonly files: number;
}

/** @param wanted The jobs whose ends are of interest. */
export function readTraces(folder: string, wanted: ReadonlySet<string>): JobTraces {
  const names = namesIn(folder);
  const ends = new Map<string, SlurmExit>();
  for (const name of names) {
    const id = name.slice(0, -SUFFIX.length);
    if (!name.endsWith(SUFFIX) || !wanted.has(id)) continue;
    const code = codeIn(join(folder, name));
    // Above 128: a shell's word for a signal.
    if (code !== undefined) ends.set(id, code > 128 ? { code: 0, signal: code - 128 } : { code, signal: 0 });
  }
  return { ends, files: names.length };
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
