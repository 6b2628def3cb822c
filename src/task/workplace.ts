import type { Clock } from "../core/clock.js";
import type { SecretMask } from "../core/secret-mask.js";
import type { LogPiece } from "../datastore/task-log.js";
import type { CurrentTask } from "../flow/current.js";

/** What one task printed, ready to be kept. */
export interface RecordedOutput {
  readonly pieces: readonly LogPiece[];
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  readonly droppedBytes: number;
}

/** Keeps what a task prints. */
export interface TaskOutput {
  begin(): void;
  /** Hides secrets in what the task prints, until it is over. */
  hide(values: readonly string[], mask: SecretMask): void;
  /** Adds a line of millrace's own to the task's stderr. */
  say(line: string): void;
  /** What the task at work has printed until now. */
  soFar(maxBytes: number): RecordedOutput | undefined;
  /** The task is over. Undefined when nothing was printed. */
  end(maxBytes: number): RecordedOutput | undefined;
}

/** Watches over the user's code while it runs. */
export interface StepGuard {
  /** Runs a step, or other code of the user's; may reject for what happens outside of its own promise. */
  watch<T>(run: () => T | PromiseLike<T>): Promise<T>;
}

/** What an attempt takes from the process it runs in: a task process is the attempt's own, a test runner is not. */
export interface Workplace {
  readonly output: TaskOutput;
  readonly guard: StepGuard;
  readonly clock: Clock;
  /** Says what `current` tells of while the attempt runs. */
  setCurrent(task: CurrentTask | undefined): void;
}
