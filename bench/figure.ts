/** One measured figure beside what it should be. */
export interface Figure {
  /** What was measured. */
  readonly name: string;
  /** The value the target is about: a ratio to the floor, a size, a count. */
  readonly value: number;
  /** `×` for a ratio to the floor of the same run, or a unit: `MB`, `s`, `files`. */
  readonly unit: string;
  /** The largest value that is good enough, or the smallest with `atLeast`; absent when the figure is for information. */
  readonly target?: number;
  readonly atLeast?: true;
  /** What stands behind the value: times, counts. */
  readonly detail: string;
}

/** What a bench file exports as `run`. */
export type Bench = () => Promise<readonly Figure[]>;

export function isMet({ value, target, atLeast }: Figure): boolean {
  return target === undefined || (atLeast ? value >= target : value <= target);
}

export function formatFigure(figure: Figure): string {
  const { name, value, unit, target, atLeast, detail } = figure;
  const number = value >= 100 ? value.toFixed(0) : value.toFixed(2);
  const wanted = target === undefined ? "" : `${atLeast ? "≥" : "≤"} ${target} ${unit}`;
  const verdict = target === undefined ? "    " : isMet(figure) ? "pass" : "FAIL";
  return `${verdict}  ${name.padEnd(58)} ${`${number} ${unit}`.padStart(12)}  ${wanted.padEnd(12)}  ${detail}`;
}

/** The middle value: on a noisy machine steadier than the mean. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return (upper + lower) / 2;
}

export function milliseconds(value: number): string {
  return value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${value.toFixed(0)} ms`;
}
