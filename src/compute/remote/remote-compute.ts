import type { Clock } from "../../core/clock.js";
import { Gate } from "../../core/gate.js";
import type { Graph } from "../../core/graph.js";
import type { RunningTask } from "../../core/records.js";
import type { TaskOutcome, TaskSpec } from "../../core/task-spec.js";
import type { RunStore } from "../../datastore/run-store.js";
import type { AttemptListener, Compute } from "../compute.js";
import { stoppedFailure } from "../local/death-failure.js";
import { Adoptions } from "./adoptions.js";
import type { RemoteEngine } from "./engine.js";
import { JobEnds } from "./job-ends.js";
import { JobStarts, type JobOfStep } from "./job-starts.js";
import { JobStops } from "./job-stops.js";
import { JobWatch, type Tell } from "./job-watch.js";
import { LastCalls } from "./last-calls.js";
import type { LivingJob } from "./living-jobs.js";
import { Patience } from "./patience.js";
import { RemoteAttempt } from "./remote-attempt.js";
import { Submissions } from "./submissions.js";

/** Jobs that are started at once. */
const SUBMITTED_AT_ONCE = 8;
/** What the jobs' ends get at the end of everything, when a second Ctrl-C has cut the wait for them short. */
const LAST_CALLS_MS = 10_000;

export interface RemoteComputeOptions {
  readonly engine: RemoteEngine;
  readonly run: RunStore;
  readonly graph: Graph;
  /** The start script's text. */
  readonly boot: string;
  readonly jobOf: (step: string) => JobOfStep;
  /** Tasks count as workers of `--max-workers`; else any number of jobs is out at once. */
  readonly countsAsWorkers: boolean;
  readonly clock: Clock;
  /** Jobs of earlier runs that this one may take the results of. */
  readonly living?: readonly LivingJob[];
  readonly tell: Tell;
}

/**
 * Attempts as jobs of an engine. Each job writes its attempt's record by itself; here jobs are started, looked at, and ended,
 * and what they left behind is read. Where they left nothing, the engine's words become the failure.
 */
export class RemoteCompute implements Compute {
  readonly #options: RemoteComputeOptions;
  readonly #attempts = new Set<RemoteAttempt>();
  readonly #submissions: Submissions;
  readonly #submitting = new Gate(SUBMITTED_AT_ONCE);
  readonly #patience: Patience;
  readonly #starts: JobStarts;
  readonly #watch: JobWatch;
  readonly #ends: JobEnds;
  readonly #stops: JobStops;
  readonly #adoptions: Adoptions;
  readonly #lastCalls = new LastCalls();
  #stopped = false;
  #abandoned = false;

  constructor(options: RemoteComputeOptions) {
    this.#options = options;
    const { engine, run, clock, tell } = options;
    const patience = new Patience({ clock, tell: (level, text) => tell(level, "engine-silent", text) });
    this.#patience = patience;
    this.#submissions = new Submissions(clock, engine.largestArray, (attempts) => this.#send(attempts));
    this.#starts = new JobStarts({ ...options, patience, givesUp: () => this.#stopped });
    this.#watch = new JobWatch({
      engine,
      clock,
      patience,
      tell,
      ended: (attempt, failure) => void this.#end(attempt, this.#ends.read(attempt, failure)),
      lostSight: (attempts, error) => this.#lostSight(attempts, error),
    });
    this.#ends = new JobEnds({ engine, run, clock, patience, givesUp: () => this.#abandoned });
    this.#stops = new JobStops({ engine, patience, tell, givesUp: () => this.#abandoned });
    this.#adoptions = new Adoptions(options.living ?? []);
  }

  slotsOf(): number {
    return this.#options.countsAsWorkers ? 1 : 0;
  }

  submit(spec: TaskSpec, listener: AttemptListener): void {
    const found = this.#stopped ? undefined : this.#adoptions.take(spec);
    const adopted = found?.isFit === true ? found.job : undefined;
    if (found?.isFit === false) this.#stopJobs([found.job.id], "useless");
    const attempt = new RemoteAttempt(spec, listener, this.#options.clock.now(), adopted);
    if (this.#stopped) {
      queueMicrotask(() => attempt.withdrawn());
      return;
    }
    this.#attempts.add(attempt);
    if (adopted === undefined) {
      this.#submissions.add(attempt);
      return;
    }
    this.#watch.add(attempt, adopted.id);
    this.#watch.hurry();
  }

  #send(attempts: readonly RemoteAttempt[]): void {
    this.#lastCalls.add(this.#submitting.pass(() => this.#submitTogether(attempts)));
  }

  async #submitTogether(together: readonly RemoteAttempt[]): Promise<void> {
    const attempts = together.filter((attempt) => {
      if (attempt.wish !== undefined && attempt.phase === "gathered") this.#withdrawn(attempt);
      return attempt.phase !== "over";
    });
    const [first, ...others] = attempts.map(({ spec }) => spec);
    if (first === undefined) return;
    for (const attempt of attempts) attempt.phase = "submitting";
    try {
      const ids = await this.#starts.start([first, ...others]);
      for (const [index, attempt] of attempts.entries()) this.#started(attempt, ids[index]);
    } catch (error) {
      await Promise.all(attempts.map((attempt) => this.#unsubmitted(attempt, error)));
      return;
    }
    const unwanted = attempts.filter(({ wish }) => wish !== undefined);
    this.#stopAll(unwanted, this.#stopped ? "stopped" : "failed");
    if (this.#abandoned) this.#abandon();
    this.#watch.hurry();
  }

  #started(attempt: RemoteAttempt, id: string | undefined): void {
    if (id === undefined) throw new Error("the engine has started fewer jobs than it was asked for");
    this.#watch.add(attempt, id);
  }

  async #unsubmitted(attempt: RemoteAttempt, error: unknown): Promise<void> {
    if (attempt.wish !== undefined) this.#withdrawn(attempt);
    else await this.#end(attempt, this.#ends.failed(attempt, error));
  }

  /** The jobs are ended, and their attempts with them. */
  #lostSight(attempts: readonly RemoteAttempt[], error: unknown): void {
    this.#stopAll(attempts, "stopped");
    for (const attempt of attempts) {
      attempt.phase = "ending";
      void this.#end(attempt, this.#ends.failed(attempt, error));
    }
  }

  /** @param ended Undefined when it left nothing, and was not wanted any more. */
  async #end(attempt: RemoteAttempt, ended: Promise<TaskOutcome | undefined>): Promise<void> {
    const outcome = await ended;
    if (outcome === undefined) this.#stoppedEnd(attempt);
    else {
      this.#forget(attempt);
      attempt.ended(outcome);
    }
  }

  #stoppedEnd(attempt: RemoteAttempt): void {
    const now = this.#options.clock.now();
    this.#forget(attempt);
    if (attempt.startedAt === undefined) attempt.withdrawn();
    else attempt.ended({ status: "failed", failure: stoppedFailure, startedAt: attempt.startedAt, finishedAt: now });
  }

  #withdrawn(attempt: RemoteAttempt): void {
    this.#forget(attempt);
    attempt.withdrawn();
  }

  #forget(attempt: RemoteAttempt): void {
    this.#attempts.delete(attempt);
    this.#watch.forget(attempt);
  }

  /** The process that could answer is the local pool's. */
  async retryIf(): Promise<boolean> {
    return true;
  }

  running(): readonly RunningTask[] {
    return [...this.#attempts].flatMap(({ spec: { step, task, attempt }, id, startedAt }) => {
      if (startedAt === undefined) return [];
      const output = id === undefined ? undefined : this.#options.engine.outputPlace(id);
      return [{ step, task, attempt, startedAt, ...(output !== undefined && { output }) }];
    });
  }

  withdraw(): void {
    this.#takeBackGathered();
    for (const attempt of this.#attempts) attempt.wish ??= "withdrawn";
    this.#stopAll(
      [...this.#attempts].filter(({ phase }) => phase === "queued"),
      "failed",
    );
  }

  stop(how: "gently" | "at-once"): void {
    this.#stopped = true;
    this.#takeBackGathered();
    const unasked = [...this.#attempts].filter(({ phase, wish }) => wish !== "stopped" && (phase === "queued" || phase === "running"));
    for (const attempt of this.#attempts) attempt.wish = "stopped";
    this.#stopAll(unasked, "stopped");
    // What waits to be started gives up.
    this.#patience.hurry();
    if (how === "at-once") this.#abandon();
  }

  #takeBackGathered(): void {
    for (const attempt of this.#submissions.takeBack()) this.#withdrawn(attempt);
  }

  #stopAll(attempts: readonly RemoteAttempt[], reason: "stopped" | "failed"): void {
    this.#stopJobs(
      attempts.flatMap(({ id }) => id ?? []),
      reason,
    );
  }

  #stopJobs(ids: readonly string[], reason: Parameters<JobStops["stop"]>[1]): void {
    if (ids.length === 0) return;
    this.#lastCalls.add(this.#stops.stop(ids, reason));
    this.#watch.hurry();
  }

  /** Nobody waits for the jobs any more; that they end has been asked for. */
  #abandon(): void {
    this.#abandoned = true;
    this.#watch.end();
    this.#patience.hurry();
    for (const attempt of this.#attempts) this.#stoppedEnd(attempt);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop("at-once");
    await this.#lastCalls.answered(this.#options.clock, LAST_CALLS_MS);
  }
}
