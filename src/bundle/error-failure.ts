import { isMillraceError } from "../core/errors/millrace-error.js";
import type { Failure, StackFrame } from "../core/failure.js";
import { codeFrame } from "./code-frame.js";
import type { Locator } from "./locator.js";
import { packageName } from "./package-name.js";
import { readThrown, type ThrownValue } from "./thrown-value.js";
import { userFrames } from "./user-stack.js";

export interface FailureContext {
  /** Of the bundle whose code threw; without one, there are no frames of the user's. */
  readonly locator?: Locator | undefined;
  /** What kind of end it was; default `exception`, or the code that a millrace error carries. */
  readonly code?: string;
}

/** How deep causes are followed, and how many errors of an AggregateError are kept at each level. */
const maxDepth = 8;
const maxErrors = 10;

/** Makes data of anything that was thrown. Never throws itself, whatever the value does when it is looked at. */
export function failureFromError(error: unknown, context: FailureContext): Failure {
  try {
    return describe(error, context, new Set(), 0);
  } catch {
    return { code: context.code ?? "exception", name: "Error", message: "The error that was thrown cannot be looked at.", frames: [] };
  }
}

function describe(error: unknown, context: FailureContext, above: ReadonlySet<unknown>, depth: number): Failure {
  const thrown = readThrown(error);
  const seen = new Set([...above, error]);
  const frames = framesOf(error, thrown, context.locator);
  const frame = frames[0] && frameAround(frames[0], context.locator);
  const isNew = (value: unknown): boolean => value !== undefined && value !== null && !seen.has(value) && depth < maxDepth;
  const inner = { ...(context.locator !== undefined && { locator: context.locator }) };
  const errors = thrown.errors.filter(isNew).slice(0, maxErrors);
  return {
    ...kindOf(error, thrown, context.code),
    frames,
    ...(frame !== undefined && { codeFrame: frame }),
    ...(thrown.stack !== undefined && { stack: thrown.stack }),
    ...(isNew(thrown.cause) && { cause: describe(thrown.cause, inner, seen, depth + 1) }),
    ...(errors.length > 0 && { errors: errors.map((one) => describe(one, inner, seen, depth + 1)) }),
  };
}

function kindOf(error: unknown, thrown: ThrownValue, code: string | undefined): Pick<Failure, "code" | "name" | "message" | "hint"> {
  if (isMillraceError(error)) return { code: error.code, name: error.name, message: error.message, hint: error.hint };
  const missing = missingPackage(thrown.message);
  if (missing !== undefined) {
    return { code: code ?? "exception", name: thrown.name, message: `There is no package ${missing}.`, hint: `Run npm install ${missing}` };
  }
  const hint = thrown.isError ? undefined : "Throw an Error instead: then the line that threw it is known, too.";
  return { code: code ?? "exception", name: thrown.name, message: thrown.message, ...(hint !== undefined && { hint }) };
}

/** The package that an `import()` or `require()` did not find. Node's own message names the bundle as the importer, which helps nobody. */
function missingPackage(message: string): string | undefined {
  const specifier = /^Cannot find (?:package|module) '([^']+)'.*\bcode: (?:ERR_)?MODULE_NOT_FOUND\b/s.exec(message)?.[1];
  return specifier === undefined ? undefined : packageName(specifier);
}

function framesOf(error: unknown, thrown: ThrownValue, locator: Locator | undefined): readonly StackFrame[] {
  if (isMillraceError(error) && error.position !== undefined) return [{ function: "", ...error.position }];
  return locator === undefined || thrown.stack === undefined ? [] : userFrames(withoutMessage(thrown.stack, thrown.message), locator);
}

/** A message may quote another stack; only the frames after it are this error's. */
function withoutMessage(stack: string, message: string): string {
  const start = stack.indexOf(message);
  return message === "" || start < 0 ? stack : stack.slice(start + message.length);
}

function frameAround({ file, line, column }: StackFrame, locator: Locator | undefined): string | undefined {
  const source = locator?.sourceOf(file);
  return source === undefined ? undefined : codeFrame(source, line, column);
}
