/**
 * Where a job is in its life:
 * - `waiting`: it has no node yet, or waits to be started again;
 * - `running`: it has one; also while it is being ended, since its processes may still be there;
 * - `ended`: nothing of it runs any more.
 */
export type JobPhase = "waiting" | "running" | "ended";

/** Slurm's job states (squeue's manual page, JOB STATE CODES), each with its phase. */
const phases = {
  PENDING: "waiting",
  CONFIGURING: "waiting",
  REQUEUED: "waiting",
  REQUEUE_FED: "waiting",
  REQUEUE_HOLD: "waiting",
  RESV_DEL_HOLD: "waiting",
  SPECIAL_EXIT: "waiting",
  POWER_UP_NODE: "waiting",
  RUNNING: "running",
  COMPLETING: "running",
  RESIZING: "running",
  SIGNALING: "running",
  STAGE_OUT: "running",
  STOPPED: "running",
  SUSPENDED: "running",
  UPDATE_DB: "running",
  EXPEDITING: "running",
  BOOT_FAIL: "ended",
  CANCELLED: "ended",
  COMPLETED: "ended",
  DEADLINE: "ended",
  FAILED: "ended",
  LAUNCH_FAILED: "ended",
  NODE_FAIL: "ended",
  OUT_OF_MEMORY: "ended",
  PREEMPTED: "ended",
  RECONFIG_FAIL: "ended",
  REVOKED: "ended",
  TIMEOUT: "ended",
} as const satisfies Record<string, JobPhase>;

/** The phase of a state as Slurm prints it: `CANCELLED by 1000` (sacct) and `CANCELLED+` are CANCELLED. A state of a later version counts as running. */
export function phaseOf(state: string): JobPhase {
  const name = baseState(state);
  return isKnown(name) ? phases[name] : "running";
}

/** The state without what sacct adds to it. */
export function baseState(state: string): string {
  return /^[A-Z_]+/.exec(state)?.[0] ?? state;
}

function isKnown(name: string): name is keyof typeof phases {
  return Object.hasOwn(phases, name);
}
