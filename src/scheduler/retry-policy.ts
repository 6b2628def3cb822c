import { findDecorator, isBoolean, isNumber, option } from "../core/definition.js";
import type { GraphStep } from "../core/graph.js";

/** When a failed attempt is tried again. */
export interface RetryPolicy {
  /** Attempts after the first. */
  readonly times: number;
  readonly delayMs: number;
  /** Factor from one delay to the next. */
  readonly backoff: number;
  readonly maxDelayMs: number;
  readonly jitter: boolean;
  /** The step has a function of its own to ask. */
  readonly asks: boolean;
}

const NO_RETRY: RetryPolicy = { times: 0, delayMs: 0, backoff: 1, maxDelayMs: 0, jitter: false, asks: false };

/** A step's `@retry`, with API defaults. */
export function retryPolicy(step: GraphStep): RetryPolicy {
  const use = findDecorator(step, "retry");
  if (use === undefined) return NO_RETRY;
  return {
    times: option(use, "times", isNumber) ?? 3,
    delayMs: option(use, "delayMs", isNumber) ?? 10_000,
    backoff: option(use, "backoff", isNumber) ?? 2,
    maxDelayMs: option(use, "maxDelayMs", isNumber) ?? 300_000,
    jitter: option(use, "jitter", isBoolean) ?? true,
    asks: use.functions?.includes("if") ?? false,
  };
}

/**
 * Milliseconds to wait after an attempt failed.
 * @param attempt The attempt that failed, from 0.
 * @param random From 0 to 1. With jitter the wait is between half and all of the backed-off delay ("equal jitter").
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: number): number {
  const grown = policy.delayMs === 0 ? 0 : policy.delayMs * policy.backoff ** attempt;
  const delay = Math.min(grown, Math.max(policy.maxDelayMs, policy.delayMs));
  return Math.round(policy.jitter ? delay * (0.5 + random / 2) : delay);
}
