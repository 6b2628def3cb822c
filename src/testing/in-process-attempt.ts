import { findDecorator } from "../core/definition.js";
import type { TaskSpec } from "../core/task-spec.js";
import type { LogStream } from "../datastore/task-log.js";
import { Attempt, type AttemptReport } from "../task/attempt.js";
import { errorOf } from "../task/retry-question.js";
import type { RunContext } from "../task/run-context.js";
import { AttemptTimeout } from "../task/time-limit.js";
import type { StepGuard } from "../task/workplace.js";
import { CapturedOutput } from "./captured-output.js";
import { interposeOutput } from "./interposed-output.js";
import { runInSlot, type TaskSlot } from "./task-slot.js";
import type { TestClock } from "./test-clock.js";

/** An attempt that ran in this process. */
export interface EndedAttempt {
  readonly spec: TaskSpec;
  readonly outcome: AttemptReport["outcome"];
  /** What failed it: the very thing that the step threw. */
  readonly error: unknown;
  readonly output: CapturedOutput;
}

export interface AttemptSurroundings {
  readonly clock: TestClock;
  /** Aborted: the attempt fails with its reason. */
  readonly signal: AbortSignal;
  readonly onText?: (stream: LogStream, text: string) => void;
}

/** Runs one attempt in this process, beside whatever else runs in it. */
export async function attemptInProcess(context: RunContext, spec: TaskSpec, { clock, signal, onText }: AttemptSurroundings): Promise<EndedAttempt> {
  const output = new CapturedOutput(clock, onText);
  const slot: TaskSlot = { current: undefined, output };
  const place = {
    output,
    clock,
    guard: new AbortGuard(signal),
    setCurrent: (task: TaskSlot["current"]) => {
      slot.current = task;
    },
  };
  const restoreOutput = interposeOutput();
  try {
    const run = (): Promise<AttemptReport> => runInSlot(slot, () => clock.work(() => new Attempt(context, spec, place).run()));
    const report = await (findDecorator(context.step(spec.step), "environment") === undefined ? run() : inTurn(run));
    const { outcome } = report;
    const error = outcome.status === "failed" && report.error instanceof AttemptTimeout ? errorOf(outcome.failure) : report.error;
    return { spec, outcome, error, output };
  } finally {
    restoreOutput();
  }
}

/** The process stays whole whatever a step does; only being called off ends one early. */
class AbortGuard implements StepGuard {
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  async watch<T>(run: () => T | PromiseLike<T>): Promise<T> {
    const signal = this.#signal;
    signal.throwIfAborted();
    let onAbort = (): void => {};
    const aborted = new Promise<never>((_resolve, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort);
    });
    try {
      return await Promise.race([run(), aborted]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }
}

let turns: Promise<unknown> = Promise.resolve();

/** The environment belongs to the whole process: steps that set it take turns. */
function inTurn<T>(run: () => Promise<T>): Promise<T> {
  const result = turns.then(run);
  turns = result.catch(() => {});
  return result;
}
