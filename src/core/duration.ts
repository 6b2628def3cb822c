import parse from "parse-duration";

/**
 * Milliseconds of a duration as people write it: `"30s"`, `"5m"`, `"2h"`, `"1d"`, `"1h 30m"`. Undefined when the text
 * is none; a number without a unit is none.
 */
export function parseDuration(text: string): number | undefined {
  const everyNumberHasAUnit = /^(?:\s*\d+(?:\.\d+)?\s*[a-zµ]+)+\s*$/i.test(text);
  return everyNumberHasAUnit ? (parse(text) ?? undefined) : undefined;
}
