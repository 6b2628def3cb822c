import type { Failure, StackFrame } from "../core/failure.js";
import { formatPosition } from "../core/source-position.js";

/**
 * Why an attempt failed, as an error: its name and message are those of the error that was thrown, its stack has the
 * user's own frames in TypeScript, and its causes hang on it.
 */
export class TaskError extends Error {
  /** `exception`, `timeout`, `killed`, `exited`, `out-of-memory`, or a code of docs/errors.md. */
  declare readonly code: string;
  /** The user's own frames, innermost first. */
  declare readonly frames: readonly StackFrame[];
  /** The source around the innermost frame. */
  declare readonly codeFrame: string | undefined;
  /** What to do next, where millrace knows. */
  declare readonly hint: string | undefined;
  /** The errors of an AggregateError, in order. */
  declare readonly errors: readonly TaskError[];

  /** @internal */
  constructor(failure: Failure) {
    const { code, name, message, frames, codeFrame, hint, cause, errors = [] } = failure;
    super(message, cause === undefined ? undefined : { cause: new TaskError(cause) });
    const headline = message === "" ? name : `${name}: ${message}`;
    const stack = [headline, ...frames.map((frame) => `    at ${placeOf(frame)}`)].join("\n");
    const inner = errors.map((error) => new TaskError(error));
    // Not enumerable, so that the error prints as errors do.
    for (const [key, value] of Object.entries({ name, stack, code, frames, codeFrame, hint, errors: inner })) {
      Object.defineProperty(this, key, { value, enumerable: key === "errors" && inner.length > 0 });
    }
  }
}

function placeOf(frame: StackFrame): string {
  return frame.function === "" ? formatPosition(frame) : `${frame.function} (${formatPosition(frame)})`;
}
