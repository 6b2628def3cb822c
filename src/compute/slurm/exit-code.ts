import { constants } from "node:os";

/** How a job's script ended, as the cluster reports it. */
export interface SlurmExit {
  readonly code: number;
  /** 0: none. */
  readonly signal: number;
}

/**
 * Reads an exit code in either form that Slurm prints: `3:0` (scontrol, sacct: exit code and signal) or `768` (squeue:
 * the status that wait(2) returns). Undefined for anything else.
 */
export function parseExit(text: string): SlurmExit | undefined {
  const pair = /^(\d+):(\d+)$/.exec(text);
  if (pair !== null) return { code: Number(pair[1]), signal: Number(pair[2]) };
  if (!/^\d+$/.test(text)) return undefined;
  const status = Number(text);
  // NO_VAL: the job has not ended.
  if (status >= 0xffff_fffe) return undefined;
  return { code: (status >> 8) & 0xff, signal: status & 0x7f };
}

/**
 * What a shell says of a program that a signal has ended: 128 and the signal's number. A job's script is a shell, and its end is told
 * by its own exit code.
 */
export function behindShell(exit: SlurmExit): SlurmExit {
  const signal = exit.code - 128;
  return exit.signal === 0 && Object.values<number>(constants.signals).includes(signal) ? { code: 0, signal } : exit;
}

/** `SIGKILL` for 9; the number itself where this system has no name for it. */
export function signalName(signal: number): string {
  const found = Object.entries(constants.signals).find(([, number]) => number === signal);
  return found?.[0] ?? `signal ${signal}`;
}
