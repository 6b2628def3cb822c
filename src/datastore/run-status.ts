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

/** A run whose process is not known to be gone may come back, as from a sleeping laptop, until nobody has heard of it for this long. */
export const LOST_FOR_GOOD_MS = 24 * 60 * 60 * 1000;

/** Whether a run may be at work, or come back to it: nobody may clean up behind it. */
export function mayBeAtWork(run: RunRecord, lease: LeaseRecord | undefined, result: RunResult | undefined, now: number): boolean {
  if (result !== undefined) return false;
  const { host, pid } = lease ?? run;
  const heardOf = lease?.renewedAt ?? run.startedAt;
  const isGone = host === hostname() && !isAlive(pid) && now > heardOf + LEASE_VALID_MS;
  return !isGone && now <= heardOf + LOST_FOR_GOOD_MS;
}

/** Whether a process of this machine is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user may not be signalled, but it is there.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
