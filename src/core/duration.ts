import parse from "parse-duration";

/** One or more amounts, each with its unit: `30s`, `1h30m`, `1.5 days`. */
const DURATION = /^\s*(?:\d+(?:\.\d+)?\s*(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)\s*)+$/i;

/** Milliseconds of a duration as people write it (`"30s"`, `"5m"`, `"2h"`, `"1d"`); undefined when the text is none. */
export function parseDuration(text: string): number | undefined {
  return DURATION.test(text) ? (parse(text) ?? 0) : undefined;
}
