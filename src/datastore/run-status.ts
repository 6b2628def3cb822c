import { hostname } from "node:os";
import type { LeaseRecord, RunRecord, RunResult, RunStatus } from "../core/records.js";

/** How long a lease is good for, and how often the scheduler renews it. */
export const LEASE_VALID_MS = 30_000;
export const LEASE_RENEW_MS = 5_000;

/** What a run's records say of it at a moment. */
export function runStatus(run: RunRecord, lease: LeaseRecord | undefined, result: RunResult | undefined, now: number): RunStatus {
  if (result !== undefined) return result.status;
  const { host, pid } = lease ?? run;
  if (host === hostname() && !isAlive(pid)) return "lost";
  const validUntil = lease === undefined ? run.startedAt + LEASE_VALID_MS : lease.renewedAt + lease.validMs;
  return now <= validUntil ? "running" : "lost";
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user may not be signalled, but it is there.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
