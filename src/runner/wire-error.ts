import { MillraceError } from "../core/errors/millrace-error.js";
import { errorRegistry, type ErrorCode } from "../core/errors/registry.js";
import type { TaskProcessAnswer, WireError } from "../core/messages.js";

/** An error of a task process, as it was there. */
export function fromWire(error: WireError): MillraceError {
  // Both processes run the same code, so code and parameters belong together.
  const code = (error.code in errorRegistry ? error.code : "bad-pathspec") as ErrorCode;
  return new MillraceError(code, error.parameters as never, { position: error.position });
}

/** What a refused request throws: its one error, or all of them together. */
export function refusal(answer: TaskProcessAnswer & { readonly type: "refused" }): Error {
  const errors = answer.errors.map(fromWire);
  const [only] = errors;
  if (only !== undefined) return errors.length === 1 ? only : new AggregateError(errors, errors.map((error) => error.message).join("\n"));
  return new Error(answer.failure?.stack ?? answer.failure?.message ?? "the task process refused a request");
}
