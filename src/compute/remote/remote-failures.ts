import { isMillraceError, messageOf } from "../../core/errors/millrace-error.js";
import type { Failure } from "../../core/failure.js";
import type { LogPiece } from "../../datastore/task-log.js";

/** The engine says that the job ended, and nothing of why, and there is no record. */
export function noRecordFailure(title: string): Failure {
  return {
    code: "job-lost",
    name: "JobLost",
    message: `${title} says that the task's job has ended, but it left no result.`,
    hint: "It may have been killed with its machine; @retry tries such tasks again.",
    frames: [],
  };
}

/** The engine does not know the job any more. */
export function jobUnknownFailure(title: string, id: string): Failure {
  return {
    code: "job-lost",
    name: "JobLost",
    message: `${title} does not know the task's job ${id} any more, and it left no result.`,
    hint: "Was it deleted? @retry tries such tasks again.",
    frames: [],
  };
}

/** A job that could not be started, or not be watched, or that could not start its task. */
export function errorFailure(error: unknown): Failure {
  if (isMillraceError(error)) return { code: error.code, name: error.name, message: error.message, hint: error.hint, frames: [] };
  return { code: "job-failed", name: error instanceof Error ? error.name : "Error", message: messageOf(error), frames: [] };
}

/** What a job says before it comes to its step begins so: what is wrong with the code, the datastore, the machine. */
const OWN_WORDS = /^millrace: (.+)$/gm;

/** The failure with what the job itself had to say of it, if it had and the engine does not say the same. */
export function withLastWords(failure: Failure, printed: readonly LogPiece[]): Failure {
  const text = printed.map(({ bytes }) => Buffer.from(bytes).toString("utf8")).join("");
  const words = [...text.matchAll(OWN_WORDS)].at(-1)?.[1];
  const isSaid = words === undefined || failure.message.toLowerCase().includes(words.toLowerCase());
  return isSaid ? failure : { ...failure, message: `${failure.message} It said: ${words}` };
}
