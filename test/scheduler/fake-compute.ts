import type { Failure } from "../../src/core/failure.js";
import type { GraphStep } from "../../src/core/graph.js";
import { LAYOUT_VERSION, type AttemptRecord, type RunningTask } from "../../src/core/records.js";
import { formatTaskRef, type TaskRef } from "../../src/core/task-ref.js";
import type { TaskSpec } from "../../src/core/task-spec.js";
import type { Transition } from "../../src/core/transition.js";
import type { AttemptListener, Compute } from "../../src/compute/compute.js";
import { slotsOf } from "../../src/compute/local/slots.js";
import type { RunStore } from "../../src/datastore/run-store.js";

/** An attempt that a test has in its hands. */
export interface FakeAttempt {
  readonly spec: TaskSpec;
  readonly ref: TaskRef;
  readonly listener: AttemptListener;
}

export const BROKEN: Failure = { code: "exception", name: "Error", message: "it broke", frames: [] };

/** Tasks run when a test says so; their records are written as a task process would write them. */
export class FakeCompute implements Compute {
  readonly #run: RunStore;
  readonly #now: () => number;
  /** Submitted and not ended, in the order they came. */
  readonly attempts: FakeAttempt[] = [];
  /** Everything that was ever submitted. */
  readonly submitted: FakeAttempt[] = [];
  readonly stops: ("gently" | "at-once")[] = [];
  /** How often what has not begun was taken back. */
  withdrawals = 0;
  readonly asked: { readonly step: string; readonly failure: Failure }[] = [];
  /** What the step's `retry.if` says. */
  onRetryIf: (step: string, failure: Failure) => Promise<boolean> = () => Promise.resolve(true);
  onSubmit: (attempt: FakeAttempt) => void = () => {};
  disposed = false;

  constructor(run: RunStore, now: () => number) {
    this.#run = run;
    this.#now = now;
  }

  slotsOf(step: GraphStep): number {
    return slotsOf(step);
  }

  submit(spec: TaskSpec, listener: AttemptListener): void {
    const attempt = { spec, ref: formatTaskRef(spec.step, spec.task), listener };
    this.attempts.push(attempt);
    this.submitted.push(attempt);
    listener.started();
    this.onSubmit(attempt);
  }

  retryIf(step: string, failure: Failure): Promise<boolean> {
    this.asked.push({ step, failure });
    return this.onRetryIf(step, failure);
  }

  running(): readonly RunningTask[] {
    return this.attempts.map(({ spec }) => ({ step: spec.step, task: spec.task, attempt: spec.attempt, startedAt: 0 }));
  }

  withdraw(): void {
    this.withdrawals++;
  }

  stop(how: "gently" | "at-once"): void {
    this.stops.push(how);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposed = true;
  }

  /** Names of the tasks at work, in the order they came. */
  get atWork(): readonly TaskRef[] {
    return this.attempts.map(({ ref }) => ref);
  }

  attemptOf(ref: TaskRef): FakeAttempt {
    const attempt = this.attempts.find((one) => one.ref === ref);
    if (attempt === undefined) throw new Error(`${ref} is not at work; these are: ${this.atWork.join(", ")}`);
    return attempt;
  }

  done(attempt: FakeAttempt, transition: Transition): void {
    const record = this.#record(attempt.spec, {
      status: "done",
      next: transition,
      ...(attempt.spec.failure !== undefined && { caught: attempt.spec.failure }),
    });
    this.#end(attempt, record);
    attempt.listener.ended({
      status: "done",
      transition,
      startedAt: record.startedAt,
      finishedAt: record.finishedAt,
      record: JSON.stringify(record),
      ...(record.caught !== undefined && { caught: record.caught }),
    });
  }

  /** The step failed, and its process lived to tell. */
  failed(attempt: FakeAttempt, failure: Failure = BROKEN, noRetry = false): void {
    this.#fail(attempt, failure, { noRetry });
  }

  /** The process ended in the middle of the attempt: nobody has asked `retry.if`. */
  died(attempt: FakeAttempt, failure: Failure): void {
    this.#fail(attempt, failure, {});
  }

  #fail(attempt: FakeAttempt, failure: Failure, told: { readonly noRetry?: boolean }): void {
    const record = this.#record(attempt.spec, { status: "failed", failure });
    this.#end(attempt, record);
    attempt.listener.ended({
      status: "failed",
      failure,
      startedAt: record.startedAt,
      finishedAt: record.finishedAt,
      record: JSON.stringify(record),
      ...told,
    });
  }

  /** The attempt was ended by the run itself: no record. */
  stopped(attempt: FakeAttempt): void {
    this.attempts.splice(this.attempts.indexOf(attempt), 1);
    const now = this.#now();
    attempt.listener.ended({
      status: "failed",
      failure: { code: "stopped", name: "Stopped", message: "stopped", frames: [] },
      startedAt: now,
      finishedAt: now,
    });
  }

  /** The attempt has not begun and was taken back. */
  withdrawn(attempt: FakeAttempt): void {
    this.attempts.splice(this.attempts.indexOf(attempt), 1);
    attempt.listener.withdrawn();
  }

  #end(attempt: FakeAttempt, record: AttemptRecord): void {
    this.attempts.splice(this.attempts.indexOf(attempt), 1);
    this.#run.writeAttemptSync(record, JSON.stringify(record));
  }

  #record(spec: TaskSpec, rest: Pick<AttemptRecord, "status" | "next" | "failure" | "caught">): AttemptRecord {
    const { flow, run, step, task, attempt, parents, foreach } = spec;
    const now = this.#now();
    return {
      format: LAYOUT_VERSION,
      flow,
      run,
      step,
      task,
      attempt,
      startedAt: now,
      finishedAt: now,
      host: "here",
      pid: 1,
      parents,
      foreach,
      artifacts: {},
      inherited: {},
      ...rest,
    };
  }
}
