import { inspect, isDeepStrictEqual } from "node:util";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { GivenParameter, GivenParameters } from "../core/given-parameters.js";
import type { JsonValue } from "../core/json.js";

/**
 * Values that code gives parameters, on their way to the task process; what is undefined is not given.
 * @throws MillraceError `bad-parameter-value` for what JSON cannot say.
 */
export function givenValues(parameters: Readonly<Record<string, unknown>>): GivenParameters {
  const given: Record<string, GivenParameter> = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) given[name] = givenValue(name, value);
  }
  return given;
}

function givenValue(name: string, value: unknown): GivenParameter {
  const source = `run({ ${name} })`;
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
