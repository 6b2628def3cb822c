import type { JsonValue } from "./json.js";

/** A parameter's value as it was given, before its type is applied. */
export interface GivenParameter {
  /** Text from a command line, environment or file; or a value from code or a JSON file. */
  readonly value: JsonValue;
  /** For messages: `--alpha`, `MILLRACE_RUN_ALPHA`, `millrace.config.json`. */
  readonly source: string;
}

/** By field name. */
export type GivenParameters = Readonly<Record<string, GivenParameter>>;
