import { errorRegistry, type ErrorCode, type ErrorParameters } from "./registry.js";
import type { SourcePosition } from "../source-position.js";

/**
 * An error of millrace's own: a stable code, a message that names the thing and the value, and what to do next.
 * Thrown at the edges of the public API; inside, expected outcomes are values.
 */
export class MillraceError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "MillraceError";
  readonly code: C;
  /** What the message is made of: the thing's name, the value. With the code they are the error, in any process. */
  readonly parameters: ErrorParameters<C>;
  /** What to do next. */
  readonly hint: string;
  /** Where in the user's source, when it is known. */
  readonly position?: SourcePosition;
  /** 2 for wrong usage, 1 for the rest: what the command line exits with. */
  readonly exitCode: 1 | 2;

  constructor(code: C, parameters: ErrorParameters<C>, options?: { readonly cause?: unknown; readonly position?: SourcePosition | undefined }) {
    const entry = errorRegistry[code];
    // The registry's functions take just the parameters that their code's type asks for.
    const text = entry as { message(p: object): string; hint(p: object): string };
    super(text.message(parameters), options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.parameters = parameters;
    this.hint = text.hint(parameters);
    this.exitCode = entry.usage ? 2 : 1;
    if (options?.position !== undefined) this.position = options.position;
  }
}

/** Tells an error of the given code from others. */
export function isMillraceError<C extends ErrorCode = ErrorCode>(error: unknown, code?: C): error is MillraceError<C> {
  return error instanceof MillraceError && (code === undefined || error.code === code);
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
