import type { RunResult, RunStatus } from "../core/records.js";
import type { RunStore } from "./run-store.js";

/** What a run is and how it stands, without its tasks. */
export interface RunHeader {
  readonly run: RunStore;
  readonly status: RunStatus;
  /** Undefined while it has not ended, or when that was not noted. */
  readonly result: RunResult | undefined;
  /** As they are now, without millrace's own. */
  readonly tags: readonly string[];
}

export async function readRunHeader(run: RunStore, now: number): Promise<RunHeader> {
  const [status, tags] = await Promise.all([run.status(now), run.tags()]);
  // A run that has a result is not at work, and its store remembers it.
  const result = status === "running" ? undefined : await run.result();
  return { run, status, result, tags };
}
