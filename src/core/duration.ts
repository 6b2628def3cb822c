const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Milliseconds in each unit, by the spellings it has. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ...["ms", "millisecond", "milliseconds"].map((unit) => [unit, 1] as const),
  ...["s", "sec", "secs", "second", "seconds"].map((unit) => [unit, SECOND] as const),
  ...["m", "min", "mins", "minute", "minutes"].map((unit) => [unit, MINUTE] as const),
  ...["h", "hr", "hrs", "hour", "hours"].map((unit) => [unit, HOUR] as const),
  ...["d", "day", "days"].map((unit) => [unit, DAY] as const),
  ...["w", "week", "weeks"].map((unit) => [unit, 7 * DAY] as const),
]);

/**
 * Milliseconds of a duration as people write it: `"30s"`, `"5m"`, `"2h"`, `"1d"`, `"1h 30m"`. Undefined when the text
 * is none; a number without a unit is none.
 */
export function parseDuration(text: string): number | undefined {
  let total: number | undefined;
  let rest = text.trim();
  while (rest !== "") {
    const [match, amount, unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]+)\s*/i.exec(rest) ?? [];
    const ms = UNITS.get(unit.toLowerCase());
    if (match === undefined || ms === undefined) return undefined;
    total = (total ?? 0) + Number(amount) * ms;
    rest = rest.slice(match.length);
  }
  return total;
}
