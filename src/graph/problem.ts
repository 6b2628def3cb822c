import { MillraceError } from "../core/errors/millrace-error.js";
import type { graphErrors } from "../core/errors/graph-errors.js";
import type { ErrorParameters } from "../core/errors/registry.js";
import type { Problem } from "../core/graph.js";
import type { SourcePosition } from "../core/source-position.js";

export type GraphErrorCode = keyof typeof graphErrors;

/** Words a problem by its code. */
export function problem<C extends GraphErrorCode>(code: C, parameters: ErrorParameters<C>, position?: SourcePosition): Problem {
  const { message, hint } = new MillraceError(code, parameters);
  return { code, message, hint, ...(position && { position }) };
}
