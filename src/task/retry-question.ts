import { messageOf } from "../core/errors/millrace-error.js";
import type { Failure } from "../core/failure.js";
import { optionFunction, type LoadedFlow } from "./loaded-flow.js";
import type { TaskOutput } from "./workplace.js";

/** Asks a step's own `retry.if` about an error; without one, or when it throws, every failure is worth another try. */
export async function askRetry(flow: LoadedFlow, step: string, error: unknown, output: TaskOutput): Promise<boolean> {
  const asks = optionFunction(flow, step, "retry", "if");
  if (asks === undefined) return true;
  try {
    return Boolean(await asks(error));
  } catch (thrown) {
    output.say(`the retry.if of ${step} threw: ${messageOf(thrown)}`);
    return true;
  }
}

/** A failure as the error it was, for code that wants one. */
export function errorOf(failure: Failure): Error {
  const error = new Error(failure.message, failure.cause === undefined ? undefined : { cause: errorOf(failure.cause) });
  error.name = failure.name;
  // What it was raised by here says nothing; without a stack of its own, its message is all there is.
  error.stack = failure.stack ?? `${failure.name}: ${failure.message}`;
  return failure.code === "exception" ? error : Object.assign(error, { code: failure.code });
}
