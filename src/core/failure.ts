import type { SourcePosition } from "./source-position.js";

/** One frame of a stack, in the user's own source. */
export interface StackFrame extends SourcePosition {
  /** The function's name; empty at module scope. */
  readonly function: string;
}

/** Why an attempt failed, as data: it crosses processes, is stored with the attempt, and is drawn by the terminal. */
export interface Failure {
  /**
   * What kind of end it was: the user's code threw (`exception`), a time limit (`timeout`), the process died
   * (`killed`, `exited`, `out-of-memory`), or a rule of millrace was broken (a code of the error registry).
   */
  readonly code: string;
  /** The error's class, `TypeError`. */
  readonly name: string;
  readonly message: string;
  /** What to do next, where millrace knows. */
  readonly hint?: string;
  /** Frames in the user's code only, innermost first. */
  readonly frames: readonly StackFrame[];
  /** The source around the innermost frame, drawn without colours. */
  readonly codeFrame?: string;
  /** The stack as Node printed it, mapped to TypeScript. */
  readonly stack?: string;
  readonly cause?: Failure;
  /** The errors of an AggregateError, in order. */
  readonly errors?: readonly Failure[];
}

/** The failure of an attempt that took longer than its `@timeout`. */
export function timeoutFailure(step: string, timeoutMs: number): Failure {
  const limit = timeoutMs % 60_000 === 0 ? `${timeoutMs / 60_000} min` : `${timeoutMs / 1000} s`;
  return {
    code: "timeout",
    name: "TimeoutError",
    message: `${step} took longer than its @timeout of ${limit}.`,
    hint: "Give it more time with @timeout, or find out what it waits for.",
    frames: [],
  };
}
