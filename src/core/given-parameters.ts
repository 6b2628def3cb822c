import type { JsonValue } from "./json.js";

/** A parameter's value as it was given, before its type is applied. */
export interface GivenParameter {
  /** Text from a command line, environment or file; or a value from code or a JSON file. */
  readonly value: JsonValue;
  /** For messages: `--alpha`, `MILLRACE_RUN_ALPHA`, `millrace.config.json`. */
  readonly source: string;
  /** The value is code's own: a text in it is a text, never a number that is written out. */
  readonly exact?: true;
}

/** By field name. */
export type GivenParameters = Readonly<Record<string, GivenParameter>>;
