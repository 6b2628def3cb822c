import { fileURLToPath } from "node:url";
import { isMillraceError } from "../core/errors/millrace-error.js";

/** Where this installation's own code is, as a URL and as a path. */
const OWN = [new URL("../", import.meta.url).href, fileURLToPath(new URL("../", import.meta.url))];

const explained = new WeakSet<object>();

/** What stands in a stack above a function of ours, noted while it is called. */
export class Caller {
  readonly #noted: { stack?: string } = {};

  // oxlint-disable-next-line typescript/no-unsafe-function-type -- whichever function is called
  constructor(called: Function) {
    Error.captureStackTrace(this.#noted, called);
  }

  get frames(): readonly string[] {
    return (this.#noted.stack ?? "").split("\n").slice(1);
  }
}

/**
 * A test runner shows an error's message and stack, and nothing else: an error of millrace's own says in its message what
 * to do and which task it was, and in its stack where the flow and the test have led to it. Errors of the user's stay as
 * they are.
 */
export function explainError(error: unknown, caller: Caller, task?: string): unknown {
  if (error instanceof AggregateError) for (const one of error.errors) explainError(one, caller, task);
  if (!isMillraceError(error) || explained.has(error)) return error;
  explained.add(error);
  const own = framesOf(error).filter((frame) => !OWN.some((place) => frame.includes(place)));
  error.message = [error.message, error.hint, ...(task === undefined ? [] : [`In task ${task}.`])].join("\n");
  const lines = new Set(own.map(withoutColumn));
  error.stack = [`${error.name}: ${error.message}`, ...own, ...caller.frames.filter((frame) => !lines.has(withoutColumn(frame)))].join("\n");
  return error;
}

/** The place alone: a function calls and waits in one line. */
function withoutColumn(frame: string): string {
  return frame.replace(/^.*\(|^\s+at (?:async )?|:\d+\)?$/g, "");
}

function framesOf({ stack = "" }: Error): readonly string[] {
  return stack.split("\n").filter((line) => /^\s+at /.test(line));
}
