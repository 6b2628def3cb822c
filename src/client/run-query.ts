import { parseDuration } from "../core/duration.js";
import { defaultNamespace } from "./datastore-place.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { RunStatus } from "../core/records.js";
import type { RunFilter } from "../datastore/run-filter.js";
import type { DamageOptions } from "./damages.js";
import type { ParametersOf } from "./flow-types.js";

/** Which runs; all when nothing is said. */
export interface RunQuery<F = unknown> extends DamageOptions {
  /** With this tag, or with all of these. */
  readonly tag?: string | readonly string[];
  /**
   * Only runs that have this tag too. When it is not said: inside a step, the namespace that its run was started with;
   * else that of `MILLRACE_NAMESPACE` or the configuration, if there is one. `null`: all runs.
   */
  readonly namespace?: string | null;
  /** Of this status, or one of these. */
  readonly status?: RunStatus | readonly RunStatus[];
  /** Started by that user. */
  readonly user?: string;
  /** Started then or later: a date, its text (`"2026-11-01"`), or a span before now (`"7d"`, `"12h"`). */
  readonly since?: Date | string;
  /** That were given these values. */
  readonly parameter?: Partial<ParametersOf<F>>;
  /** At most so many. */
  readonly limit?: number;
  /** Only runs of a lower id than this one: with `limit`, the next page. */
  readonly before?: string | number;
}

/** What a query asks of the datastore. @throws MillraceError `bad-option-value` */
export function filterOf<F>({ tag, namespace, status, user, since, parameter }: RunQuery<F>, now: number): RunFilter {
  const within = namespace === undefined ? defaultNamespace() : (namespace ?? undefined);
  const tags = [...(tag === undefined ? [] : [tag].flat()), ...(within === undefined ? [] : [within])];
  return {
    ...(tags.length > 0 && { tags }),
    ...(status !== undefined && { statuses: [status].flat() }),
    ...(user !== undefined && { user }),
    ...(since !== undefined && { since: timeOf(since, now, "since") }),
    ...(parameter !== undefined && { parameters: { ...parameter } }),
  };
}

/**
 * The time that a date, its text, or a span before now stands for, milliseconds since the epoch.
 * @param source What said so, for messages.
 * @throws MillraceError `bad-option-value`
 */
export function timeOf(since: Date | string, now: number, source: string): number {
  const span = typeof since === "string" ? parseDuration(since) : undefined;
  const time = span === undefined ? new Date(since).getTime() : now - span;
  if (!Number.isNaN(time)) return time;
  throw new MillraceError("bad-option-value", {
    source,
    value: `“${String(since)}”`,
    expected: "a date, such as 2026-11-01, or a span of time before now, such as 7d",
  });
}
