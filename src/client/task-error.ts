import type { Failure, StackFrame } from "../core/failure.js";
import { formatPosition } from "../core/source-position.js";

/**
 * Why an attempt failed, as an error: its name and message are those of the error that was thrown, its stack has the
 * user's own frames in TypeScript, and its causes hang on it.
 */
export interface TaskError extends Error {
  /** `exception`, `timeout`, `killed`, `exited`, `out-of-memory`, or a code of docs/errors.md. */
  readonly code: string;
  /** The user's own frames, innermost first. */
  readonly frames: readonly StackFrame[];
  /** The source around the innermost frame. */
  readonly codeFrame?: string;
  /** What to do next, where millrace knows. */
  readonly hint?: string;
  readonly cause?: TaskError;
  /** The errors of an AggregateError, in order. */
  readonly errors?: readonly TaskError[];
}

/** A failure as the error that it was. What is added to it does not print. */
export function taskError(failure: Failure): TaskError {
  const { code, name, message, frames, codeFrame, hint, cause, errors = [] } = failure;
  const headline = message === "" ? name : `${name}: ${message}`;
  const about = {
    name,
    stack: [headline, ...frames.map((frame) => `    at ${placeOf(frame)}`)].join("\n"),
    code,
    frames,
    ...(codeFrame !== undefined && { codeFrame }),
    ...(hint !== undefined && { hint }),
    ...(errors.length > 0 && { errors: errors.map(taskError) }),
  };
  const NamedError = errorClass(name);
  const error = new NamedError(message, cause === undefined ? undefined : { cause: taskError(cause) });
  const hidden = Object.entries(about).map(([key, value]) => [key, { value, enumerable: false }] as const);
  return Object.defineProperties(error, Object.fromEntries(hidden)) as TaskError;
}

type ErrorClass = new (message: string, options?: ErrorOptions) => Error;

const builtIn: Readonly<Record<string, ErrorClass>> = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

/** The class of that name: Node prints errors under their class's name. */
function errorClass(name: string): ErrorClass {
  const known = Object.hasOwn(builtIn, name) ? builtIn[name] : undefined;
  return known ?? { [name]: class extends Error {} }[name] ?? Error;
}

function placeOf(frame: StackFrame): string {
  return frame.function === "" ? formatPosition(frame) : `${frame.function} (${formatPosition(frame)})`;
}
