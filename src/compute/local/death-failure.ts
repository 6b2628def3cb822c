import { timeoutFailure, type Failure } from "../../core/failure.js";
import type { ProcessExit } from "./task-process.js";

/** Why a process was ended by the pool itself. */
export type Ending =
  | { readonly kind: "timeout"; readonly timeoutMs: number }
  | { readonly kind: "stopped" }
  /** The process could not begin the attempt. */
  | { readonly kind: "refused"; readonly failure: Failure | undefined };

const LESS_MEMORY = "Handle less at a time (foreach over smaller chunks), or ask for more with @resources({ memory: 16000 }) (megabytes)";

/** What a process that ended in the middle of a task says of its failure. */
export function deathFailure(options: {
  readonly exit: ProcessExit;
  readonly ending: Ending | undefined;
  readonly stderr: string;
  readonly step: string;
}): Failure {
  const { exit, ending, stderr, step } = options;
  if (ending?.kind === "timeout") return timeoutFailure(step, ending.timeoutMs);
  if (ending?.kind === "refused") return ending.failure ?? failure("refused", "Refused", "The task's process could not begin the attempt.");
  if (ending?.kind === "stopped") return stoppedFailure;
  if (/heap out of memory|allocation failed - process out of memory/i.test(stderr)) {
    return failure("out-of-memory", "OutOfMemoryError", "The task's process ran out of JavaScript heap memory.", `${LESS_MEMORY}.`);
  }
  if (exit.isOutOfMemory === true) {
    return failure(
      "out-of-memory",
      "OutOfMemoryError",
      "The task used more memory than there is for it, and the system killed its process.",
      `${LESS_MEMORY}, or, at home, run fewer tasks at once with --max-workers.`,
    );
  }
  if (exit.signal !== null) {
    return failure(
      "killed",
      "ProcessKilled",
      `The task's process was killed by ${exit.signal}.`,
      exit.signal === "SIGKILL"
        ? "The system kills processes when memory runs out: look at its log, use less memory, or run fewer tasks at once with --max-workers."
        : undefined,
    );
  }
  return failure(
    "exited",
    "ProcessExited",
    `The task's process ended with exit code ${exit.code ?? "unknown"} in the middle of the task.`,
    "Look at the task's output for what ended it.",
  );
}

/** The run itself ended the attempt, or never began it. */
export const stoppedFailure: Failure = failure("stopped", "Stopped", "The run was interrupted while the task was at work.");

/** No process could be had for the attempt. */
export function notReadyFailure(message: string): Failure {
  return failure("exited", "ProcessExited", message);
}

function failure(code: string, name: string, message: string, hint?: string): Failure {
  return { code, name, message, frames: [], ...(hint !== undefined && { hint }) };
}
