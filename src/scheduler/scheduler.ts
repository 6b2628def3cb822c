import type { Compute } from "../compute/compute.js";
import type { Clock } from "../core/clock.js";
import { isMillraceError, messageOf } from "../core/errors/millrace-error.js";
import type { Failure } from "../core/failure.js";
import type { Graph } from "../core/graph.js";
import { LAYOUT_VERSION, type RunOptions, type RunResult } from "../core/records.js";
import type { Reporter } from "../core/run-event.js";
import type { TaskOutcome, TaskSpec } from "../core/task-spec.js";
import { countTaskRefs, formatTaskRef, packTaskRefs } from "../core/task-ref.js";
import { AttemptIndexWriter } from "../datastore/attempt-index.js";
import type { RunStore } from "../datastore/run-store.js";
import { attemptSpec } from "./attempt-spec.js";
import { LeaseKeeper } from "./lease-keeper.js";
import type { Origin } from "./origin.js";
import { ParentRecords } from "./parent-records.js";
import { retryDelayMs } from "./retry-policy.js";
import { ReusedTasks } from "./reused-tasks.js";
import { RunAnnouncer, type DoneOutcome, type FailedOutcome } from "./run-announcer.js";
import { RunState } from "./run-state.js";
import { makePlan } from "./step-plan.js";
import type { Task } from "./task.js";

/** How many failed tasks a run's result lists. */
const LISTED_FAILURES = 100;
/** How long the end of a run may take that was told twice to end. */
const LAST_WORDS_MS = 2_000;
/** Bytes that are read in the time of one request more. */
const WORTH_A_REQUEST = 8 * 1024;

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
  /** Tell others that the run is at work; default true. Of use only where somebody else can see the datastore. */
  readonly lease?: boolean;
}

/** Runs a run to its end: asks the state machine what is next, the backend to run it, and tells the reporter. */
export async function schedule(options: ScheduleOptions): Promise<RunResult> {
  return new Scheduler(options).run();
}

class Scheduler {
  readonly #options: ScheduleOptions;
  readonly #announcer: RunAnnouncer;
  readonly #state: RunState;
  readonly #index: AttemptIndexWriter;
  readonly #lease: LeaseKeeper;
  readonly #records: ParentRecords;
  readonly #reused = new ReusedTasks();
  readonly #failed: RunResult["failed"][number][] = [];
  readonly #retries = new Set<() => void>();
  #freeSlots: number;
  #interrupted = false;
  #failure: Failure | undefined;
  #indexed = true;
  #over: () => void = () => {};

  constructor(options: ScheduleOptions) {
    this.#options = options;
    const { run, graph, compute, clock, reporter } = options;
    const announcer = new RunAnnouncer(run, clock, reporter);
    this.#announcer = announcer;
    this.#freeSlots = options.options.maxWorkers;
    this.#state = new RunState({
      plan: makePlan(graph, options.options.maxWorkers, (step) => compute.slotsOf(step)),
      origin: options.origin,
      keepGoing: options.options.keepGoing,
      listener: {
        planned: (step, count) => announcer.planned(step, count),
        reused: (task) => this.#reused.add(task.ref),
      },
    });
    this.#records = new ParentRecords(run.store);
    this.#index = new AttemptIndexWriter(run.store, run.flow, run.id, run.record.startedAt);
    this.#lease = new LeaseKeeper({ run, clock, running: () => compute.running(), onError: (error) => announcer.warn("lease-unwritten", error) });
  }

  async run(): Promise<RunResult> {
    const { stop, kill } = this.#options;
    const onStop = (): void => this.#interrupt(stop);
    let cancelWait = (): void => {};
    const onKill = (): void => {
      this.#interrupt(kill);
      this.#options.compute.stop("at-once");
      // A backend may wait for a datastore that does not answer.
      if (this.#options.run.store.remote) cancelWait = this.#options.clock.after(LAST_WORDS_MS, () => this.#over());
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
      cancelWait();
      stop.removeEventListener("abort", onStop);
      kill.removeEventListener("abort", onKill);
    }
  }

  async #begin(): Promise<void> {
    try {
      if (this.#options.lease !== false) this.#lease.start();
      this.#state.start();
      await this.#noteReused();
    } catch (error) {
      this.#abort(error);
    }
  }

  /** Everything that is taken over is known before the first task starts, and noted before it. */
  async #noteReused(): Promise<void> {
    const { run, origin } = this.#options;
    if (origin === undefined) return;
    for (const [step, count] of this.#reused.counts) this.#announcer.reused(step, count, origin.run);
    const { awaited = [] } = origin;
    await run.writeReused({ ...this.#reused.record, ...(awaited.length > 0 && { awaited: packTaskRefs(awaited) }) });
  }

  /** Starts all that may start; the run is over when nothing runs and nothing will. */
  #continue(): void {
    try {
      for (let task = this.#state.take(this.#freeSlots); task !== undefined; task = this.#state.take(this.#freeSlots)) {
        this.#submit(task, undefined);
      }
      if (this.#state.isOver) this.#over();
    } catch (error) {
      this.#abort(error);
    }
  }

  /** @param caught The failure that is taken as the step's result: a task process commits it, without running the step. */
  #submit(task: Task, caught: Failure | undefined): void {
    const { run, options } = this.#options;
    this.#freeSlots -= task.plan.slots;
    const spec = this.#records.addTo(attemptSpec(run, options, task, caught));
    const isWide = run.store.remote && spec.join !== undefined && countTaskRefs(spec.parents) * WORTH_A_REQUEST >= this.#index.bytes;
    if (!isWide) this.#hand(task, spec, caught);
    // It reads its branches' records from the index, many at once: the index is to have them.
    else void this.#flushIndex().then(() => this.#hand(task, { ...spec, indexed: true }, caught));
  }

  #hand(task: Task, spec: TaskSpec, caught: Failure | undefined): void {
    const name = this.#announcer.nameOf(task);
    this.#options.compute.submit(spec, {
      queued: (job, where, again) => this.#announcer.queued(name, job, where, again),
      started: () => {
        if (caught === undefined) this.#announcer.started(name);
      },
      output: (stream, text) => this.#announcer.output(name, stream, text),
      trouble: (reason) => this.#announcer.storeTrouble(reason),
      ended: (outcome) => {
        this.#ended(task, caught !== undefined, outcome).catch((error: unknown) => this.#abort(error));
      },
      withdrawn: () => this.#withdrawn(task),
    });
  }

  async #ended(task: Task, wasCatch: boolean, outcome: TaskOutcome): Promise<void> {
    this.#freeSlots += task.plan.slots;
    if (outcome.record !== undefined) this.#addToIndex(outcome.record);
    if (outcome.status === "done") this.#records.take(formatTaskRef(task.plan.name, task.id), outcome);
    if (outcome.status === "done") this.#taskDone(task, outcome);
    else await this.#attemptFailed(task, wasCatch, outcome);
    this.#continue();
  }

  #withdrawn(task: Task): void {
    this.#freeSlots += task.plan.slots;
    this.#state.abandon(task);
    this.#continue();
  }

  #addToIndex(record: string): void {
    this.#index.add(record, this.#options.clock.now()).catch((error: unknown) => this.#indexFailed(error));
  }

  #flushIndex(): Promise<void> {
    return this.#index.flush().catch((error: unknown) => this.#indexFailed(error));
  }

  #indexFailed(error: unknown): void {
    this.#indexed = false;
    this.#announcer.warn("index-unwritten", error);
  }

  #taskDone(task: Task, outcome: DoneOutcome): void {
    this.#announcer.done(task, outcome);
    this.#state.done(task, outcome.transition);
  }

  async #attemptFailed(task: Task, wasCatch: boolean, outcome: FailedOutcome): Promise<void> {
    const wanted = !wasCatch && !this.#interrupted && (await this.#mayRetry(task, outcome));
    // The run may have been stopped meanwhile.
    if (this.#interrupted) this.#state.abandon(task);
    else if (wanted && !this.#state.isStopped) this.#retryLater(task, outcome);
    else if (!wasCatch && task.plan.catches && !isStoreFailure(outcome.failure)) this.#submit(task, outcome.failure);
    else this.#taskFailed(task, outcome);
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
    this.#announcer.failed(task, outcome, delayMs);
    this.#state.wait(task);
    const cancel = clock.after(delayMs, () => {
      this.#retries.delete(cancel);
      this.#state.again(task);
      this.#continue();
    });
    this.#retries.add(cancel);
  }

  #taskFailed(task: Task, outcome: FailedOutcome): void {
    this.#announcer.failed(task, outcome, undefined);
    if (this.#failed.length < LISTED_FAILURES) {
      this.#failed.push({ task: formatTaskRef(task.plan.name, task.id), attempt: task.attempt, failure: outcome.failure });
    }
    this.#state.failed(task);
    if (this.#options.options.keepGoing) return;
    // It has been waited for long enough.
    if (outcome.failure.code === "s3-unreachable") this.#options.run.store.hurry?.();
    this.#cancelRetries();
    this.#options.compute.withdraw();
  }

  #interrupt(signal: AbortSignal): void {
    if (this.#interrupted) return;
    this.#interrupted = true;
    this.#announcer.interrupted(String(signal.reason ?? "SIGINT"), this.#state.running);
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
    const { run, clock, resumeCommand } = this.#options;
    await this.#unlessKilled(this.#lease[Symbol.asyncDispose]());
    await this.#unlessKilled(this.#flushIndex());
    const result: RunResult = {
      format: LAYOUT_VERSION,
      status: this.#status(),
      finishedAt: clock.now(),
      counts: { ...this.#state.counts },
      failed: this.#failed,
      ...(this.#indexed && { indexSegments: this.#index.segments, indexRecords: this.#index.records }),
      ...(this.#failure !== undefined && { failure: this.#failure }),
    };
    await this.#unlessKilled(run.writeResult(result).catch((error: unknown) => this.#announcer.warn("result-unwritten", error)));
    this.#announcer.finished(result, { resume: resumeCommand, results: `${run.pathspec}/end` });
    return result;
  }

  /** Told twice to end, nobody waits for a datastore that does not answer. */
  #unlessKilled(work: Promise<void>): Promise<void> {
    const { run, kill, clock } = this.#options;
    if (!run.store.remote) return work;
    let onKill = (): void => {};
    const killed = new Promise<void>((resolve) => {
      onKill = () => void clock.after(LAST_WORDS_MS, resolve);
      if (kill.aborted) onKill();
      else kill.addEventListener("abort", onKill);
    });
    return Promise.race([work, killed]).finally(() => kill.removeEventListener("abort", onKill));
  }

  #status(): RunResult["status"] {
    if (this.#failure !== undefined) return "failed";
    if (this.#state.reachedEnd) return "done";
    return this.#interrupted ? "interrupted" : "failed";
  }
}

function failureOf(error: unknown): Failure {
  if (isMillraceError(error)) return { code: error.code, name: error.name, message: error.message, hint: error.hint, frames: [] };
  return { code: "scheduler-failed", name: error instanceof Error ? error.name : "Error", message: messageOf(error), frames: [] };
}

const STORE_FAILURES = new Set(["datastore-full", "datastore-denied"]);
/** What a step meets that uses `millrace/s3` itself: a failure like any other. */
const OBJECT_FAILURES = /^s3-(?:object|key|root|range|deletion)-/;

/** The datastore cannot take results: trying again would run code for nothing. */
function isStoreFailure({ code }: Failure): boolean {
  return STORE_FAILURES.has(code) || (code.startsWith("s3-") && !OBJECT_FAILURES.test(code));
}
