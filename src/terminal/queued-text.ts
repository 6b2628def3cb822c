import type { RunEvent } from "../core/run-event.js";

/** `waits for a machine (Slurm job 12)`. */
export function queuedText({ job, where, again }: Extract<RunEvent, { type: "task-queued" }>): string {
  return again === true ? `lost its machine, and waits for another (${where} job ${job})` : `waits for a machine (${where} job ${job})`;
}
