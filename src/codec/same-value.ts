import { isDeepStrictEqual } from "node:util";

/**
 * Whether two stored values are the same value, as `mergeArtifacts` understands it: the same types and contents, keys in
 * whatever order; NaN equals NaN, and 0 is not -0.
 */
export function sameValue(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || isDeepStrictEqual(a, b);
}
