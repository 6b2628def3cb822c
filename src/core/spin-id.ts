/** A spin stands beside its run's tasks as a run of its own: `12-spin-1` is the first spin of a task of run 12. */
export interface SpinId {
  readonly run: string;
  /** From 1. */
  readonly number: number;
}

const SPIN_ID = /^([1-9]\d*)-spin-([1-9]\d*)$/;

export function formatSpinId({ run, number }: SpinId): string {
  return `${run}-spin-${number}`;
}

/** Undefined for the id of a run. */
export function parseSpinId(id: string): SpinId | undefined {
  const [, run, number] = SPIN_ID.exec(id) ?? [];
  return run === undefined || number === undefined ? undefined : { run, number: Number(number) };
}
