/** Stands for `undefined` where results are compared as JSON. */
export const UNDEFINED = "(undefined)";
/** Stands for any stored error. */
export const ERROR = "(error)";

/**
 * What `dump --json` printed, with its `{ "$type": …, "value": … }` marks for `undefined` and errors replaced by
 * {@link UNDEFINED} and {@link ERROR}; other marks stay as they are.
 */
export function plainJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainJson);
  if (typeof value !== "object" || value === null) return value;
  if ("$type" in value) {
    if (value.$type === "undefined") return UNDEFINED;
    if ("value" in value && typeof value.value === "object" && value.value !== null && "stack" in value.value) return ERROR;
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainJson(inner)]));
}
