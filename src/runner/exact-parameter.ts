import { inspect, isDeepStrictEqual } from "node:util";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { GivenParameter } from "../core/given-parameters.js";
import type { JsonValue } from "../core/json.js";

/**
 * A value that code gives a parameter, on its way to the task process.
 * @param source For messages: `run({ alpha })`.
 * @throws MillraceError `bad-parameter-value` for what JSON cannot say.
 */
export function exactParameter(name: string, value: unknown, source: string): GivenParameter {
  // Numbers that JSON lacks (Infinity, -0) travel as text.
  if (typeof value === "number" && JSON.stringify(value) !== String(value)) return { value: Object.is(value, -0) ? "-0" : String(value), source };
  const copy = jsonCopy(value);
  if (copy !== undefined) return { value: copy, source, exact: true };
  throw new MillraceError("bad-parameter-value", { name, source, value: inspect(value, { depth: 1 }), expected: "plain data, as JSON has it" });
}

/** Undefined for what JSON does not give back equal. */
function jsonCopy(value: unknown): JsonValue | undefined {
  try {
    const copy: JsonValue = JSON.parse(JSON.stringify(value));
    return isDeepStrictEqual(copy, value) ? copy : undefined;
  } catch {
    return undefined;
  }
}
