import { namedKeys } from "../../codec/structured/array-form.js";

/** An array whose elements are artifacts of their own: its content is their refs, as JSON. */
export const LIST_CODEC = "list";

/** Bytes from which on an element is large. */
const LARGE = 16 * 1024;
const MAX_ELEMENTS = 10_000;
const MAX_DEPTH = 8;

/** An array of two or more values that are all large. Looks no further into each than it takes to know. */
export function isListOfLarge(array: readonly unknown[]): boolean {
  if (array.length < 2 || array.length > MAX_ELEMENTS || Object.getPrototypeOf(array) !== Array.prototype) return false;
  return array.every((element) => isLarge(element)) && Object.keys(array).length === array.length && namedKeys(array).length === 0;
}

/** Whether a value surely takes 16 KB or more. */
export function isLarge(value: unknown): boolean {
  return sizeUpTo(value, LARGE, 0) >= LARGE;
}

/** About how many bytes a value takes; looks on only until there are `limit`. */
function sizeUpTo(value: unknown, limit: number, depth: number): number {
  if (typeof value === "string") return value.length;
  if (typeof value === "number") return 4;
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return 1;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength;
  let size = 2;
  if (Array.isArray(value)) for (let i = 0; i < value.length && size < limit; i++) size += sizeUpTo(value[i], limit - size, depth + 1);
  else if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const key of Object.keys(value)) {
      if (size >= limit) break;
      size += sizeUpTo(Reflect.get(value, key), limit - size, depth + 1);
    }
  } else if (value instanceof Map || value instanceof Set) size += value.size;
  return size;
}
