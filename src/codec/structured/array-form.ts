import { inspect } from "node:util";

/** All elements are numbers; no holes. */
export function isNumbers(array: readonly unknown[]): array is readonly number[] {
  for (let i = 0; i < array.length; i++) if (typeof array[i] !== "number") return false;
  return true;
}

/** All are 32-bit integers other than -0. */
export function isIntegers(array: readonly number[]): boolean {
  for (let i = 0; i < array.length; i++) {
    const element = array[i] as number;
    if ((element | 0) !== element || Object.is(element, -0)) return false;
  }
  return true;
}

export function hasHoles(array: readonly unknown[]): boolean {
  for (let i = 0; i < array.length; i++) if (array[i] === undefined && !Object.hasOwn(array, i)) return true;
  return false;
}

const LONG = 64;
const ONLY_ELEMENTS = /^\[ \.\.\. \d+ more items? \]$/;

/** Names of an array's properties that are no elements (a match's `index`). */
export function namedKeys(array: readonly unknown[]): readonly string[] {
  // Naming all keys of a long array is slow. `inspect` tells named properties without looking at the elements.
  if (array.length > LONG && ONLY_ELEMENTS.test(inspect(array, { maxArrayLength: 0, depth: 0, customInspect: false, breakLength: Infinity })))
    return [];
  const keys = Object.keys(array);
  let named = keys.length;
  while (named > 0 && !isIndex(keys[named - 1] as string)) named--;
  return keys.slice(named);
}

/** Index keys come first, in order. */
function isIndex(key: string): boolean {
  const index = Number(key);
  return Number.isInteger(index) && index >= 0 && index < 4_294_967_295 && String(index) === key;
}
