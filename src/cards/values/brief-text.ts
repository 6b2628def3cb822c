import { inspect } from "node:util";

/** A value on one line, as Node shows it, cut to a length. */
export function briefText(value: unknown, characters: number): string {
  if (value instanceof Date) return dateText(value);
  const text = inspect(value, {
    depth: 3,
    maxArrayLength: 20,
    maxStringLength: characters,
    breakLength: Number.POSITIVE_INFINITY,
    // Code of the user's is not run for a picture of its values.
    customInspect: false,
    getters: false,
  });
  const line = text.replaceAll(/\s*\n\s*/g, " ");
  return line.length > characters ? `${line.slice(0, characters)}…` : line;
}

/** `2026-11-22 14:13:57 UTC`, without a time that is midnight. */
export function dateText(date: Date): string {
  if (Number.isNaN(date.getTime())) return "invalid date";
  const [day = "", time = ""] = date.toISOString().split("T");
  if (time === "00:00:00.000Z") return day;
  return `${day} ${time.replace(/\.000Z$/, "").replace("Z", "")} UTC`;
}
