import type { Clock } from "../../core/clock.js";
import { isMillraceError, messageOf } from "../../core/errors/millrace-error.js";
import { Gate } from "../../core/gate.js";
import type { Failure } from "../../core/failure.js";
import type { Graph, GraphStep } from "../../core/graph.js";
import type { RunningTask } from "../../core/records.js";
import type { RemoteJob } from "../../core/remote-job.js";
import { formatTaskRef } from "../../core/task-ref.js";
import type { TaskSpec } from "../../core/task-spec.js";
import { writeJobSpecs } from "../../datastore/job-specs.js";
import { jobSpecsKey } from "../../datastore/layout.js";
import type { RunStore } from "../../datastore/run-store.js";
import { formatLog, parseLog, type LogPiece } from "../../datastore/task-log.js";
import type { AttemptListener, Compute } from "../compute.js";
import { stoppedFailure } from "../local/death-failure.js";
import { outcomeOf, readEnd, writeLost } from "./attempt-end.js";
import type { JobState, RemoteEngine } from "./engine.js";
import { jobName } from "./job-name.js";
import { adoptRecord } from "./adopted-record.js";
import { hasSameInputs, type LivingJob } from "./living-jobs.js";
import { Patience } from "./patience.js";
import { Pace } from "./pace.js";
import { RemoteAttempt } from "./remote-attempt.js";
import { errorFailure, jobUnknownFailure, noRecordFailure, withLastWords } from "./remote-failures.js";
import { Submissions } from "./submissions.js";

/** Jobs that are started, and ends that are read, at once. */
const SUBMITTED_AT_ONCE = 8;
const READ_AT_ONCE = 16;
/** How long an engine may not know a job before it counts as gone: what was just started may not be listed yet. */
const UNKNOWN_MS = 60_000;
/** How long a record may be on its way when the job ended as if it had written one: shared file systems show new files late. */
const RECORD_MS = 10_000;
const RECORD_LOOK_MS = 500;
/** How often, and how far apart, the output of a lost job is looked for. */
const OUTPUT_LOOKS = 3;
const OUTPUT_LOOK_MS = 1_500;
/** What the jobs' ends get at the end of everything, when a second Ctrl-C has cut the wait for them short. */
const LAST_CALLS_MS = 10_000;

/** What is said of every job of a step: all but which of its tasks it is for. */
export type JobOfStep = Omit<RemoteJob, "tasks" | "index" | "arrayVariable">;

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
  /** What people should hear beside the tasks' own events. */
  readonly tell: (level: "info" | "warning", code: string, text: string) => void;
}

/**
 * Attempts as jobs of an engine. Each job writes its attempt's record by itself; here jobs are started, looked at, and ended,
 * and what they left behind is read. Where they left nothing, the engine's words become the failure.
 */
export class RemoteCompute implements Compute {
  readonly #options: RemoteComputeOptions;
  readonly #steps: ReadonlyMap<string, GraphStep>;
  readonly #submissions: Submissions;
  readonly #attempts = new Set<RemoteAttempt>();
  readonly #byId = new Map<string, RemoteAttempt>();
  readonly #submitting = new Gate(SUBMITTED_AT_ONCE);
  readonly #reading = new Gate(READ_AT_ONCE);
  readonly #patience: Patience;
  readonly #pace: Pace;
  /** By task: `score/3`. */
  readonly #living: Map<string, LivingJob>;
  readonly #lastCalls = new Set<Promise<unknown>>();
  #polling = false;
  #stopped = false;
  #abandoned = false;

  constructor(options: RemoteComputeOptions) {
    this.#options = options;
    const { engine, clock, graph } = options;
    this.#steps = new Map(graph.steps.map((step) => [step.name, step]));
    this.#submissions = new Submissions(clock, engine.largestArray, (attempts) => void this.#send(attempts));
    this.#patience = new Patience({ clock, tell: (level, text) => options.tell(level, "engine-silent", text) });
    this.#pace = new Pace(engine, clock);
    this.#living = new Map((options.living ?? []).map((job) => [formatTaskRef(job.spec.step, job.spec.task), job]));
  }

  slotsOf(): number {
    return this.#options.countsAsWorkers ? 1 : 0;
  }

  submit(spec: TaskSpec, listener: AttemptListener): void {
    const living = this.#takeLiving(spec);
    const attempt = new RemoteAttempt(spec, listener, this.#options.clock.now(), living);
    if (this.#stopped) {
      queueMicrotask(() => attempt.withdrawn());
      return;
    }
    this.#attempts.add(attempt);
    if (living === undefined) this.#submissions.add(attempt);
    else this.#adopt(attempt, living);
  }

  /** The job of an earlier run that does what the attempt would. One that does something else is of no use to anybody. */
  #takeLiving(spec: TaskSpec): LivingJob | undefined {
    const ref = formatTaskRef(spec.step, spec.task);
    const job = this.#living.get(ref);
    if (job === undefined || this.#stopped) return undefined;
    this.#living.delete(ref);
    if (hasSameInputs(job, spec)) return job;
    this.#endJobs([job.id], "all", "The run that goes on from this job's has no use for it.");
    return undefined;
  }

  #adopt(attempt: RemoteAttempt, { id }: LivingJob): void {
    this.#started(attempt, id);
    this.#pace.hurry();
    if (!this.#polling) void this.#poll();
  }

  /** The process that could answer is the local pool's. */
  async retryIf(): Promise<boolean> {
    return true;
  }

  running(): readonly RunningTask[] {
    return [...this.#attempts].flatMap(({ spec: { step, task, attempt }, startedAt }) =>
      startedAt === undefined ? [] : [{ step, task, attempt, startedAt }],
    );
  }

  withdraw(): void {
    this.#takeBackGathered();
    for (const attempt of this.#attempts) attempt.wish ??= "withdrawn";
    this.#cancel(
      [...this.#attempts].filter(({ phase }) => phase === "queued"),
      "queued",
    );
  }

  stop(how: "gently" | "at-once"): void {
    this.#stopped = true;
    this.#takeBackGathered();
    const unasked = [...this.#attempts].filter(({ phase, wish }) => wish !== "stopped" && (phase === "queued" || phase === "running"));
    for (const attempt of this.#attempts) attempt.wish = "stopped";
    this.#cancel(unasked, "all");
    // What waits to be started gives up.
    this.#patience.hurry();
    if (how === "at-once") this.#abandon();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop("at-once");
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(LAST_CALLS_MS, resolve);
      void this.#allLastCalls().then(() => {
        cancel();
        resolve();
      });
    });
  }

  async #allLastCalls(): Promise<void> {
    while (this.#lastCalls.size > 0) await Promise.allSettled(this.#lastCalls);
  }

  #takeBackGathered(): void {
    for (const attempt of this.#submissions.takeBack()) this.#withdrawn(attempt);
  }

  #withdrawn(attempt: RemoteAttempt): void {
    this.#forget(attempt);
    attempt.withdrawn();
  }

  #forget(attempt: RemoteAttempt): void {
    this.#attempts.delete(attempt);
    if (attempt.id !== undefined) this.#byId.delete(attempt.id);
  }

  /** Nobody waits for the jobs any more; that they end has been asked for. */
  #abandon(): void {
    this.#abandoned = true;
    this.#pace.end();
    this.#patience.hurry();
    for (const attempt of this.#attempts) this.#stoppedEnd(attempt);
  }

  #stoppedEnd(attempt: RemoteAttempt): void {
    const now = this.#options.clock.now();
    this.#forget(attempt);
    if (attempt.startedAt === undefined) attempt.withdrawn();
    else attempt.ended({ status: "failed", failure: stoppedFailure, startedAt: attempt.startedAt, finishedAt: now });
  }

  #cancel(attempts: readonly RemoteAttempt[], which: "all" | "queued"): void {
    const reason = which === "all" ? "The run was stopped." : "Another task of the run failed.";
    this.#endJobs(
      attempts.flatMap(({ id }) => id ?? []),
      which,
      reason,
    );
  }

  #endJobs(ids: readonly string[], which: "all" | "queued", reason: string): void {
    if (ids.length === 0) return;
    const { engine } = this.#options;
    const limits = { givesUp: () => this.#abandoned };
    const calls = this.#patience
      .until(engine.title, () => engine.cancel(ids, which, reason), limits)
      .catch((error: unknown) => this.#options.tell("warning", "jobs-not-ended", `${engine.title} did not end jobs: ${messageOf(error)}`))
      .finally(() => this.#lastCalls.delete(calls));
    this.#lastCalls.add(calls);
    this.#pace.hurry();
  }

  async #send(attempts: readonly RemoteAttempt[]): Promise<void> {
    const sending = this.#submitting.pass(() => this.#submitTogether(attempts)).finally(() => this.#lastCalls.delete(sending));
    this.#lastCalls.add(sending);
    await sending;
  }

  async #submitTogether(together: readonly RemoteAttempt[]): Promise<void> {
    const attempts = together.filter((attempt) => {
      if (attempt.wish !== undefined && attempt.phase === "gathered") this.#withdrawn(attempt);
      return attempt.phase !== "over";
    });
    const [first] = attempts;
    if (first === undefined) return;
    for (const attempt of attempts) attempt.phase = "submitting";
    try {
      const ids = await this.#start(attempts, first);
      for (const [index, attempt] of attempts.entries()) this.#started(attempt, ids[index]);
    } catch (error) {
      await Promise.all(attempts.map((attempt) => this.#unsubmitted(attempt, errorFailure(error))));
      return;
    }
    const unwanted = attempts.filter(({ wish }) => wish !== undefined);
    this.#cancel(unwanted, this.#stopped ? "all" : "queued");
    if (this.#abandoned) this.#abandon();
    this.#pace.hurry();
    if (!this.#polling) void this.#poll();
  }

  async #start(attempts: readonly RemoteAttempt[], first: RemoteAttempt): Promise<readonly string[]> {
    const { engine, run } = this.#options;
    const { step, task, attempt } = first.spec;
    const key = jobSpecsKey(run.flow, run.id, { engine: engine.name, step, task, attempt });
    const name = jobName(run.record, { step, task, attempt });
    const specs = attempts.map(({ spec }) => spec);
    const limits = { givesUp: () => this.#stopped };
    await this.#patience.until(run.store.location, () => writeJobSpecs(run.store, key, specs), limits);
    let isSecondTry = false;
    return this.#patience.until(
      engine.title,
      async () => {
        // A request whose answer was lost may have started the job all the same.
        const before = isSecondTry ? await this.#startedBefore(name, attempts.length) : undefined;
        isSecondTry = true;
        return before ?? engine.submit(this.#request(first.spec, key, name, attempts.length));
      },
      limits,
    );
  }

  async #startedBefore(name: string, count: number): Promise<readonly string[] | undefined> {
    const { engine, run } = this.#options;
    const found = (await engine.find(run.record, [name])).filter((job) => job.name === name);
    const ids = new Map(found.map((job) => [job.index ?? 0, job.id]));
    const ordered = Array.from({ length: count }, (_, index) => ids.get(index)).filter((id) => id !== undefined);
    return ordered.length === count ? ordered : undefined;
  }

  #request({ step: name, timeoutMs }: TaskSpec, tasks: string, jobNamed: string, count: number): Parameters<RemoteEngine["submit"]>[0] {
    const { engine, boot, jobOf } = this.#options;
    const step = this.#steps.get(name);
    if (step === undefined) throw new Error(`the graph has no step ${name}`);
    const job: RemoteJob = { ...jobOf(name), tasks, ...(count === 1 ? { index: 0 } : { arrayVariable: engine.arrayVariable }) };
    return { name: jobNamed, step, count, boot, job: JSON.stringify(job), ...(timeoutMs !== undefined && { timeoutMs }) };
  }

  #started(attempt: RemoteAttempt, id: string | undefined): void {
    if (id === undefined) throw new Error("the engine has started fewer jobs than it was asked for");
    this.#byId.set(id, attempt);
    attempt.queued(id, this.#options.engine.title);
  }

  /** No job was started: the failure stands on record like that of any attempt. */
  async #unsubmitted(attempt: RemoteAttempt, failure: Failure): Promise<void> {
    if (attempt.wish !== undefined) {
      this.#withdrawn(attempt);
      return;
    }
    await this.#lost(attempt, failure, { noRetry: true, hasJob: false });
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    while (this.#byId.size > 0 && !this.#abandoned) {
      await this.#pace.wait();
      try {
        await this.#look();
      } catch (error) {
        this.#lookedInVain(error);
      }
    }
    this.#polling = false;
  }

  async #look(): Promise<void> {
    const { engine } = this.#options;
    const ids = [...this.#byId.keys()];
    const limits = { givesUp: () => this.#abandoned };
    const states = await this.#patience.until(engine.title, () => engine.states(ids), limits);
    let changes = 0;
    for (const id of ids) {
      const attempt = this.#byId.get(id);
      if (attempt !== undefined && this.#apply(attempt, states.get(id) ?? { phase: "unknown" })) changes++;
    }
    this.#pace.saw(changes);
    await this.#showOutput([...this.#byId.values()].filter(({ phase }) => phase === "running").flatMap(({ id }) => id ?? []));
  }

  /** Jobs cannot be watched any more: they are ended, and their attempts with them. */
  #lookedInVain(error: unknown): void {
    if (this.#abandoned) return;
    const attempts = [...this.#byId.values()];
    this.#cancel(attempts, "all");
    for (const attempt of attempts) {
      this.#byId.delete(attempt.id ?? "");
      attempt.phase = "ending";
      void this.#lost(attempt, errorFailure(error), { noRetry: true, hasJob: false });
    }
  }

  async #showOutput(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    try {
      for (const { id, stream, text } of await this.#options.engine.output(ids)) this.#byId.get(id)?.output(stream, text);
    } catch (error) {
      // The whole of it is in the datastore at the end; what is missing until then is no reason to fail.
      if (isMillraceError(error)) this.#sayOnce(error.code, `${error.message} ${error.hint}`);
    }
  }

  readonly #said = new Set<string>();

  #sayOnce(code: string, text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    this.#options.tell("warning", code, text);
  }

  /** True when something has changed. */
  #apply(attempt: RemoteAttempt, state: JobState): boolean {
    const { clock } = this.#options;
    if (state.phase !== "unknown") attempt.unknownSince = undefined;
    switch (state.phase) {
      case "queued":
        this.#tellNote(attempt, state.note);
        return false;
      case "running":
        if (attempt.phase === "running") return false;
        attempt.started(clock.now());
        return true;
      case "ended":
        this.#end(attempt, state.failure);
        return true;
      case "unknown":
        attempt.unknownSince ??= clock.now();
        if (clock.now() - attempt.unknownSince < UNKNOWN_MS) return false;
        this.#end(attempt, jobUnknownFailure(this.#options.engine.title, attempt.id ?? ""));
        return true;
    }
  }

  #tellNote(attempt: RemoteAttempt, note: string | undefined): void {
    if (note === undefined || note === attempt.note) return;
    attempt.note = note;
    this.#sayOnce("job-waits", note);
  }

  #end(attempt: RemoteAttempt, failure: Failure | undefined): void {
    this.#byId.delete(attempt.id ?? "");
    attempt.phase = "ending";
    void this.#reading.pass(() => this.#finish(attempt, failure)).catch((error: unknown) => this.#unreadable(attempt, error));
  }

  /** The datastore does not say how the attempt ended. */
  #unreadable(attempt: RemoteAttempt, error: unknown): void {
    const { clock } = this.#options;
    this.#forget(attempt);
    attempt.ended({ status: "failed", failure: errorFailure(error), startedAt: attempt.startedAt ?? attempt.queuedAt, finishedAt: clock.now() });
  }

  async #finish(attempt: RemoteAttempt, failure: Failure | undefined): Promise<void> {
    if (attempt.phase === "over") return;
    const record = await this.#findRecord(attempt, failure);
    if (record === undefined) {
      if (attempt.wish === "stopped" || (attempt.wish === "withdrawn" && attempt.startedAt === undefined)) this.#stoppedEnd(attempt);
      else await this.#lost(attempt, failure ?? noRecordFailure(this.#options.engine.title), { hasJob: true });
      return;
    }
    attempt.started(record.startedAt);
    const { step, task, attempt: number } = attempt.spec;
    const { adopted } = attempt;
    const own = adopted === undefined ? record : await this.#fromStore(() => adoptRecord(record, adopted, this.#options.run, attempt.spec));
    const log = own.log === undefined ? undefined : await this.#fromStore(() => this.#options.run.log(step, task, number));
    if (log !== undefined) attempt.restOfOutput(parseLog(log));
    this.#forget(attempt);
    attempt.ended(outcomeOf(own));
  }

  async #findRecord(attempt: RemoteAttempt, failure: Failure | undefined): Promise<Awaited<ReturnType<typeof readEnd>>> {
    const { clock } = this.#options;
    const { run, spec } = attempt.adopted ?? { run: this.#options.run, spec: attempt.spec };
    const isExpected = failure === undefined || failure.code === "exited";
    const until = clock.now() + (isExpected && attempt.wish !== "stopped" ? RECORD_MS : 0);
    for (;;) {
      const record = await this.#fromStore(() => readEnd(run, spec));
      if (record !== undefined || clock.now() >= until) return record;
      await new Promise<void>((resolve) => clock.after(RECORD_LOOK_MS, resolve));
    }
  }

  /** The datastore may be out of reach for a while, as the engine may. */
  #fromStore<T>(work: () => Promise<T>): Promise<T> {
    return this.#patience.until(this.#options.run.store.location, work, { givesUp: () => this.#abandoned, isPassing: isPassingStoreError });
  }

  /** The job has left no record: one is written for it. */
  async #lost(
    attempt: RemoteAttempt,
    failure: Failure,
    { noRetry, hasJob }: { readonly noRetry?: boolean; readonly hasJob: boolean },
  ): Promise<void> {
    const { engine, run, clock } = this.#options;
    const startedAt = attempt.startedAt ?? attempt.queuedAt;
    const finishedAt = clock.now();
    const printed = hasJob ? await this.#lastOutput(attempt.id ?? "") : [];
    attempt.restOfOutput(parseLog(formatLog(printed)));
    const told = {
      status: "failed",
      failure: withLastWords(failure, printed),
      startedAt,
      finishedAt,
      ...(noRetry !== undefined && { noRetry }),
    } as const;
    const lost = { spec: attempt.spec, failure: told.failure, startedAt, finishedAt, host: engine.name, printed };
    // When the store fails too, the failure is told all the same.
    const record = await writeLost(run, lost).catch(() => undefined);
    this.#forget(attempt);
    attempt.ended({ ...told, ...(record !== undefined && { record: JSON.stringify(record) }) });
  }

  /** What a job has printed that could not keep it itself; an engine may be late with it. */
  async #lastOutput(id: string): Promise<readonly LogPiece[]> {
    const { engine, clock } = this.#options;
    for (let look = 1; ; look++) {
      const printed = await engine.log(id).catch(() => []);
      if (printed.length > 0 || look === OUTPUT_LOOKS || this.#abandoned) return printed;
      await new Promise<void>((resolve) => clock.after(OUTPUT_LOOK_MS, resolve));
    }
  }
}

/** Nothing changes a refusal, a full disk, or damage. */
function isPassingStoreError(error: unknown): boolean {
  return !isMillraceError(error) || error.code === "datastore-io";
}
