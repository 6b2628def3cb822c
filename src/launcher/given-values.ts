import type { GivenParameter, GivenParameters } from "../core/given-parameters.js";
import { exactParameter } from "../runner/exact-parameter.js";

/**
 * Values that code gives a run's parameters; what is undefined is not given.
 * @throws MillraceError `bad-parameter-value` for what JSON cannot say.
 */
export function givenValues(parameters: Readonly<Record<string, unknown>>): GivenParameters {
  const given: Record<string, GivenParameter> = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) given[name] = exactParameter(name, value, `run({ ${name} })`);
  }
  return given;
}
