import { failureFromError } from "../bundle/error-failure.js";
import type { AttemptListener, Compute } from "../compute/compute.js";
import { slotsOf } from "../compute/local/slots.js";
import type { Failure } from "../core/failure.js";
import type { RunningTask } from "../core/records.js";
import type { TaskSpec } from "../core/task-spec.js";
import { askRetry, errorOf } from "../task/retry-question.js";
import type { RunContext } from "../task/run-context.js";
import { CapturedOutput } from "./captured-output.js";
import { attemptInProcess, type EndedAttempt } from "./in-process-attempt.js";
import type { TestClock } from "./test-clock.js";

/** Runs tasks in this process, as many side by side as the scheduler submits. */
export class InProcessCompute implements Compute {
  /** In the order they ended. */
  readonly ended: EndedAttempt[] = [];
  readonly slotsOf = slotsOf;
  readonly #context: RunContext;
  readonly #clock: TestClock;
  readonly #stopped = new AbortController();

  constructor(context: RunContext, clock: TestClock) {
    this.#context = context;
    this.#clock = clock;
  }

  submit(spec: TaskSpec, listener: AttemptListener): void {
    void this.#run(spec, listener);
  }

  async #run(spec: TaskSpec, listener: AttemptListener): Promise<void> {
    listener.started();
    const startedAt = this.#clock.now();
    const onText = (stream: "stdout" | "stderr", text: string): void => listener.output(stream, text);
    try {
      const attempt = await attemptInProcess(this.#context, spec, { clock: this.#clock, signal: this.#stopped.signal, onText });
      this.ended.push(attempt);
      listener.ended(attempt.outcome);
    } catch (error) {
      const failure = failureFromError(error, {});
      listener.ended({ status: "failed", failure, startedAt, finishedAt: this.#clock.now(), noRetry: true });
    }
  }

  retryIf(step: string, failure: Failure): Promise<boolean> {
    return askRetry(this.#context.flow, step, errorOf(failure), new CapturedOutput(this.#clock));
  }

  running(): readonly RunningTask[] {
    return [];
  }

  /** Each attempt begins when it is submitted. */
  withdraw(): void {}

  stop(): void {
    this.#stopped.abort(new DOMException("The run was stopped.", "AbortError"));
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
