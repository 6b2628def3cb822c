import type { Clock } from "../core/clock.js";
import type { Failure } from "../core/failure.js";
import { formatPathspec } from "../core/pathspec.js";
import { isMillraceError, messageOf } from "../core/errors/millrace-error.js";
import { LAYOUT_VERSION, type RunOptions, type RunResult } from "../core/records.js";
import type { EventTask, Reporter, RunEvent } from "../core/run-event.js";
import type { TaskOutcome, TaskSpec } from "../core/task-spec.js";
import type { Graph } from "../core/graph.js";
import { formatTaskRef, packTaskRefs, parseTaskRef, type TaskRef } from "../core/task-ref.js";
import type { Compute } from "../compute/compute.js";
import { AttemptIndexWriter } from "../datastore/attempt-index.js";
import type { RunStore } from "../datastore/run-store.js";
import { foreachFrames } from "./frame.js";
import { LeaseKeeper } from "./lease-keeper.js";
import type { Origin } from "./origin.js";
import { retryDelayMs } from "./retry-policy.js";
import { RunState } from "./run-state.js";
import { makePlan } from "./step-plan.js";
import type { Task } from "./task.js";

/** How many failed tasks a run's result lists. */
const LISTED_FAILURES = 100;

export interface ScheduleOptions {
  readonly run: RunStore;
  readonly graph: Graph;
  readonly options: RunOptions;
  readonly compute: Compute;
  readonly reporter: Reporter;
  readonly origin: Origin | undefined;
  readonly clock: Clock;
  /** From 0 to 1, for the jitter of retries. */
  readonly random: () => number;
  /** Aborted: no new tasks, running ones are stopped. */
  readonly stop: AbortSignal;
  /** Aborted: everything ends at once. */
  readonly kill: AbortSignal;
  readonly resumeCommand: string;
}

/** Runs a run to its end: asks the state machine what is next, the backend to run it, and tells the reporter. */
export async function schedule(options: ScheduleOptions): Promise<RunResult> {
  return new Scheduler(options).run();
}

type FailedTask = RunResult["failed"][number];
type FailedOutcome = TaskOutcome & { readonly status: "failed" };

class Scheduler {
  readonly #options: ScheduleOptions;
  readonly #state: RunState;
  readonly #index: AttemptIndexWriter;
  readonly #lease: LeaseKeeper;
  readonly #reused = new Map<string, TaskRef[]>();
  readonly #failed: FailedTask[] = [];
  readonly #retries = new Set<() => void>();
  #freeSlots: number;
  #interrupted = false;
  #failure: Failure | undefined;
  #indexed = true;
  #warned = false;
  #over: () => void = () => {};

  constructor(options: ScheduleOptions) {
    this.#options = options;
    const { run, graph, compute, clock } = options;
    this.#freeSlots = options.options.maxWorkers;
    this.#state = new RunState({
      plan: makePlan(graph, options.options.maxWorkers, (step) => compute.slotsOf(step)),
      origin: options.origin,
      keepGoing: options.options.keepGoing,
      listener: {
        planned: (step, count) => this.#report({ type: "tasks-planned", time: clock.now(), step, count }),
        reused: (step, task) => {
          const { run: id } = parseTaskRef(task.ref);
          const key = `${id}:${step}`;
          let refs = this.#reused.get(key);
          if (refs === undefined) this.#reused.set(key, (refs = []));
          refs.push(task.ref);
        },
      },
    });
    this.#index = new AttemptIndexWriter(run.store, run.flow, run.id, run.record.startedAt);
    this.#lease = new LeaseKeeper({ run, clock, running: () => compute.running(), onError: (error) => this.#warn("lease-unwritten", error) });
  }

  async run(): Promise<RunResult> {
    const { stop, kill } = this.#options;
    const onStop = (): void => this.#interrupt(stop);
    const onKill = (): void => {
      this.#interrupt(kill);
      this.#options.compute.stop("at-once");
    };
    const over = new Promise<void>((resolve) => (this.#over = resolve));
    stop.addEventListener("abort", onStop);
    kill.addEventListener("abort", onKill);
    try {
      await this.#begin();
      if (stop.aborted) onStop();
      this.#continue();
      await over;
      return await this.#finish();
    } finally {
      stop.removeEventListener("abort", onStop);
      kill.removeEventListener("abort", onKill);
    }
  }

  async #begin(): Promise<void> {
    try {
      this.#lease.start();
      this.#state.start();
      await this.#writeReused();
    } catch (error) {
      this.#abort(error);
    }
  }

  async #writeReused(): Promise<void> {
    const { run, clock, origin } = this.#options;
    if (origin === undefined) return;
    const counts = new Map<string, number>();
    for (const refs of this.#reused.values()) {
      const { step } = parseTaskRef(refs[0] ?? "");
      counts.set(step, (counts.get(step) ?? 0) + refs.length);
    }
    for (const [step, count] of counts) {
      this.#report({ type: "tasks-reused", time: clock.now(), step, count, origin: formatPathspec(run.flow, origin.run) });
    }
    await run.writeReused({ format: LAYOUT_VERSION, tasks: packTaskRefs([...this.#reused.values()].flat()) });
  }

  /** Starts all that may start; the run is over when nothing runs and nothing will. */
  #continue(): void {
    for (let task = this.#state.take(this.#freeSlots); task !== undefined; task = this.#state.take(this.#freeSlots)) {
      this.#freeSlots -= task.plan.slots;
      this.#submit(task, "run", undefined);
    }
    if (this.#state.isOver) this.#over();
  }

  #submit(task: Task, mode: TaskSpec["mode"], failure: Failure | undefined): void {
    const { compute, clock } = this.#options;
    const eventTask = this.#eventTask(task, undefined);
    compute.submit(this.#spec(task, mode, failure), {
      started: () => {
        if (mode === "run") this.#report({ type: "task-started", time: clock.now(), task: eventTask });
      },
      output: (stream, text) => this.#report({ type: "task-output", time: clock.now(), task: eventTask, stream, text }),
      ended: (outcome) => {
        this.#ended(task, mode, outcome).catch((error: unknown) => this.#abort(error));
      },
    });
  }

  #spec(task: Task, mode: TaskSpec["mode"], failure: Failure | undefined): TaskSpec {
    const { run, options } = this.#options;
    const { joined, plan } = task;
    return {
      flow: run.flow,
      run: run.id,
      step: plan.name,
      task: task.id,
      attempt: task.attempt,
      foreach: foreachFrames(task.frame, task.branch),
      parents: task.parents,
      ...(joined !== undefined && { join: { kind: joined.kind, ...(joined.kind === "split" && { branches: joined.targets }) } }),
      mode,
      retriesLeft: Math.max(0, plan.retry.times - task.attempt),
      ...(failure !== undefined && { failure }),
      ...(plan.timeoutMs !== undefined && mode === "run" && { timeoutMs: plan.timeoutMs }),
      maxNumSplits: options.maxNumSplits,
      maxLogBytes: options.maxLogBytes,
    };
  }

  async #ended(task: Task, mode: TaskSpec["mode"], outcome: TaskOutcome): Promise<void> {
    this.#freeSlots += task.plan.slots;
    if (outcome.record !== undefined) this.#addToIndex(outcome.record);
    if (outcome.status === "done") this.#taskDone(task, outcome);
    else await this.#attemptFailed(task, mode, outcome);
    this.#continue();
  }

  async #attemptFailed(task: Task, mode: TaskSpec["mode"], outcome: FailedOutcome): Promise<void> {
    const wanted = mode === "run" && !this.#interrupted && (await this.#mayRetry(task, outcome));
    // The run may have been stopped meanwhile.
    if (this.#interrupted) this.#state.abandon(task);
    else if (wanted && !this.#state.isStopped) this.#retryLater(task, outcome);
    else if (mode === "run" && task.plan.catches && !isStoreFailure(outcome.failure)) this.#catch(task, outcome.failure);
    else this.#taskFailed(task, outcome);
  }

  #addToIndex(record: string): void {
    this.#index.add(record, this.#options.clock.now()).catch((error: unknown) => {
      this.#indexed = false;
      this.#warn("index-unwritten", error);
    });
  }

  #taskDone(task: Task, outcome: TaskOutcome & { readonly status: "done" }): void {
    this.#report({
      type: "task-done",
      time: this.#options.clock.now(),
      task: this.#eventTask(task, outcome.label),
      durationMs: outcome.finishedAt - outcome.startedAt,
      ...(outcome.caught !== undefined && { caught: outcome.caught }),
    });
    this.#state.done(task, outcome.transition);
  }

  async #mayRetry(task: Task, outcome: FailedOutcome): Promise<boolean> {
    const { retry } = task.plan;
    if (task.attempt >= retry.times || outcome.noRetry === true || isStoreFailure(outcome.failure)) return false;
    // A process that lived to tell its failure has asked the step's `if` itself.
    return outcome.noRetry !== undefined || !retry.asks || this.#options.compute.retryIf(task.plan.name, outcome.failure);
  }

  #retryLater(task: Task, outcome: FailedOutcome): void {
    const { clock, random } = this.#options;
    const delayMs = retryDelayMs(task.plan.retry, task.attempt, random());
    this.#reportFailure(task, outcome, delayMs);
    this.#state.wait(task);
    const cancel = clock.after(delayMs, () => {
      this.#retries.delete(cancel);
      this.#state.again(task);
      this.#continue();
    });
    this.#retries.add(cancel);
  }

  /** The failure is taken as the step's result: a task process commits it, without running the step. */
  #catch(task: Task, failure: Failure): void {
    this.#freeSlots -= task.plan.slots;
    this.#submit(task, "catch", failure);
  }

  #taskFailed(task: Task, outcome: FailedOutcome): void {
    this.#reportFailure(task, outcome, undefined);
    if (this.#failed.length < LISTED_FAILURES) {
      this.#failed.push({ task: formatTaskRef(task.plan.name, task.id), attempt: task.attempt, failure: outcome.failure });
    }
    this.#state.failed(task);
    if (!this.#options.options.keepGoing) this.#cancelRetries();
  }

  #reportFailure(task: Task, outcome: FailedOutcome, retryInMs: number | undefined): void {
    this.#report({
      type: "task-failed",
      time: this.#options.clock.now(),
      task: this.#eventTask(task, outcome.label),
      durationMs: outcome.finishedAt - outcome.startedAt,
      failure: outcome.failure,
      retriesLeft: retryInMs === undefined ? 0 : task.plan.retry.times - task.attempt,
      ...(retryInMs !== undefined && { retryInMs }),
    });
  }

  #interrupt(signal: AbortSignal): void {
    if (this.#interrupted) return;
    this.#interrupted = true;
    this.#report({ type: "interrupted", time: this.#options.clock.now(), signal: String(signal.reason ?? "SIGINT"), running: this.#state.running });
    this.#cancelRetries();
    this.#state.stop();
    this.#options.compute.stop("gently");
    this.#continue();
  }

  /** The scheduler itself cannot go on. */
  #abort(error: unknown): void {
    this.#failure ??= failureOf(error);
    this.#interrupted = true;
    this.#cancelRetries();
    this.#state.stop();
    this.#options.compute.stop("at-once");
    this.#over();
  }

  #cancelRetries(): void {
    for (const cancel of this.#retries) cancel();
    this.#retries.clear();
  }

  async #finish(): Promise<RunResult> {
    const { run, clock } = this.#options;
    await this.#lease[Symbol.asyncDispose]();
    await this.#index.flush().catch((error: unknown) => {
      this.#indexed = false;
      this.#warn("index-unwritten", error);
    });
    const result: RunResult = {
      format: LAYOUT_VERSION,
      status: this.#status(),
      finishedAt: clock.now(),
      counts: { ...this.#state.counts },
      failed: this.#failed,
      ...(this.#indexed && { indexSegments: this.#index.segments }),
      ...(this.#failure !== undefined && { failure: this.#failure }),
    };
    await run.writeResult(result).catch((error: unknown) => this.#warn("result-unwritten", error));
    this.#report({
      type: "run-finished",
      time: result.finishedAt,
      pathspec: run.pathspec,
      status: result.status,
      durationMs: result.finishedAt - run.record.startedAt,
      counts: result.counts,
      failures: this.#failed.map(({ task, attempt, failure }) => ({ pathspec: `${run.pathspec}/${task}`, attempt, failure })),
      datastore: run.store.location,
      ...(result.status !== "done" && { resume: this.#options.resumeCommand }),
      ...(this.#failure !== undefined && { failure: this.#failure }),
    });
    return result;
  }

  #status(): RunResult["status"] {
    if (this.#failure !== undefined) return "failed";
    if (this.#state.reachedEnd) return "done";
    return this.#interrupted ? "interrupted" : "failed";
  }

  #warn(code: string, error: unknown): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#report({ type: "notice", time: this.#options.clock.now(), level: "warning", code, text: messageOf(error) });
  }

  #report(event: RunEvent): void {
    this.#options.reporter.report(event);
  }

  #eventTask(task: Task, label: string | undefined): EventTask {
    const { run } = this.#options;
    return {
      pathspec: formatPathspec(run.flow, run.id, task.plan.name, task.id),
      step: task.plan.name,
      task: task.id,
      attempt: task.attempt,
      ...(label !== undefined && { label }),
    };
  }
}

function failureOf(error: unknown): Failure {
  if (isMillraceError(error)) return { code: error.code, name: error.name, message: error.message, hint: error.hint, frames: [] };
  return { code: "scheduler-failed", name: error instanceof Error ? error.name : "Error", message: messageOf(error), frames: [] };
}

/** The datastore cannot take results: trying again would run code for nothing. */
function isStoreFailure(failure: Failure): boolean {
  return failure.code === "datastore-full" || failure.code === "datastore-denied";
}
