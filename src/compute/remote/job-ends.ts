import type { Clock } from "../../core/clock.js";
import { isMillraceError } from "../../core/errors/millrace-error.js";
import type { Failure } from "../../core/failure.js";
import { Gate } from "../../core/gate.js";
import type { AttemptRecord } from "../../core/records.js";
import type { TaskOutcome } from "../../core/task-spec.js";
import type { RunStore } from "../../datastore/run-store.js";
import { formatLog, parseLog, type LogPiece } from "../../datastore/task-log.js";
import { adoptRecord } from "./adopted-record.js";
import { outcomeOf, readEnd, withEngineWords, writeLost } from "./attempt-end.js";
import type { RemoteEngine } from "./engine.js";
import type { Patience } from "./patience.js";
import type { RemoteAttempt } from "./remote-attempt.js";
import { errorFailure, noRecordFailure, withLastWords } from "./remote-failures.js";

/** Ends that are read at once. */
const READ_AT_ONCE = 16;
/** How long a record may be on its way when the job ended as if it had written one: shared file systems show new files late, S3 does not. */
const RECORD_MS = { shared: 10_000, s3: 1_000 };
const RECORD_LOOK_MS = 500;
/** The same for a job that was killed: what it left running may have come to its end just then. */
const LAST_RECORD_MS = 1_000;
/** How often, and how far apart, the output of a lost job is looked for. */
const OUTPUT_LOOKS = 3;
const OUTPUT_LOOK_MS = 1_500;

export interface JobEndsOptions {
  readonly engine: RemoteEngine;
  readonly run: RunStore;
  readonly clock: Clock;
  readonly patience: Patience;
  /** Nobody waits for the ends any more. */
  readonly givesUp: () => boolean;
}

/** Finds out how attempts ended whose jobs are over: from what they left in the datastore, else from the engine's words. */
export class JobEnds {
  readonly #options: JobEndsOptions;
  readonly #reading = new Gate(READ_AT_ONCE);

  constructor(options: JobEndsOptions) {
    this.#options = options;
  }

  /**
   * How the attempt of a job that is over ended; shows the rest of its output on the way. Undefined: it left nothing, and was not
   * wanted any more.
   * @param failure In the engine's words what ended the job.
   */
  async read(attempt: RemoteAttempt, failure: Failure | undefined): Promise<TaskOutcome | undefined> {
    try {
      return await this.#reading.pass(() => this.#read(attempt, failure));
    } catch (error) {
      if (attempt.wish === "stopped") return undefined;
      // The datastore does not say.
      const { startedAt = attempt.queuedAt } = attempt;
      return { status: "failed", failure: errorFailure(error), startedAt, finishedAt: this.#options.clock.now() };
    }
  }

  async #read(attempt: RemoteAttempt, failure: Failure | undefined): Promise<TaskOutcome | undefined> {
    if (attempt.phase === "over") return undefined;
    const { engine, run } = this.#options;
    const found = await this.#findRecord(attempt, failure);
    if (found === undefined) {
      const isUnwanted = attempt.wish === "stopped" || (attempt.wish === "withdrawn" && attempt.startedAt === undefined);
      return isUnwanted ? undefined : this.lost(attempt, failure ?? noRecordFailure(engine.title));
    }
    const record = withEngineWords(found, failure);
    attempt.started(record.startedAt);
    if (record.trouble !== undefined) attempt.trouble(record.trouble);
    const { step, task, attempt: number } = attempt.spec;
    const { adopted } = attempt;
    if (adopted === undefined && record !== found) await this.#fromStore(() => run.writeAttempt(record, JSON.stringify(record)));
    const own = adopted === undefined ? record : await this.#fromStore(() => adoptRecord(record, adopted, run, attempt.spec));
    const log = own.log === undefined ? undefined : await this.#fromStore(() => run.log(step, task, number));
    if (log !== undefined) attempt.restOfOutput(parseLog(log));
    return outcomeOf(own);
  }

  async #findRecord(attempt: RemoteAttempt, failure: Failure | undefined): Promise<AttemptRecord | undefined> {
    const { clock } = this.#options;
    const { run, spec } = attempt.adopted ?? { run: this.#options.run, spec: attempt.spec };
    const isExpected = failure === undefined || failure.code === "exited";
    const onItsWayMs = run.store.remote ? RECORD_MS.s3 : RECORD_MS.shared;
    const patienceMs = isExpected ? onItsWayMs : failure.code === "killed" ? LAST_RECORD_MS : 0;
    const until = clock.now() + (attempt.wish === "stopped" ? 0 : patienceMs);
    for (;;) {
      const record = await this.#fromStore(() => readEnd(run, spec));
      if (record !== undefined || clock.now() >= until) return record;
      await new Promise<void>((resolve) => clock.after(RECORD_LOOK_MS, resolve));
    }
  }

  /** The datastore may be out of reach for a while, as the engine may. */
  #fromStore<T>(work: () => Promise<T>): Promise<T> {
    const { patience, run, givesUp } = this.#options;
    return patience.until(run.store.location, work, { givesUp, isPassing: isPassingStoreError });
  }

  /** The job has left no record: one is written for it. */
  async lost(attempt: RemoteAttempt, failure: Failure): Promise<TaskOutcome> {
    const printed = await this.#lastOutput(attempt.id ?? "");
    attempt.restOfOutput(parseLog(formatLog(printed)));
    return this.#writeLost(attempt, withLastWords(failure, printed), printed);
  }

  /** No job could be started, or it cannot be watched: the failure stands on record like that of any attempt. Trying again is in vain. */
  async failed(attempt: RemoteAttempt, error: unknown): Promise<TaskOutcome> {
    return { ...(await this.#writeLost(attempt, errorFailure(error), [])), noRetry: true };
  }

  async #writeLost(attempt: RemoteAttempt, failure: Failure, printed: readonly LogPiece[]): Promise<TaskOutcome & { readonly status: "failed" }> {
    const { engine, run, clock } = this.#options;
    const startedAt = attempt.startedAt ?? attempt.queuedAt;
    const finishedAt = clock.now();
    const lost = { spec: attempt.spec, failure, startedAt, finishedAt, host: engine.name, printed };
    // When the store fails too, the failure is told all the same.
    const record = await writeLost(run, lost).catch(() => undefined);
    return { status: "failed", failure, startedAt, finishedAt, ...(record !== undefined && { record: JSON.stringify(record) }) };
  }

  /** What a job has printed that could not keep it itself; an engine may be late with it. */
  async #lastOutput(id: string): Promise<readonly LogPiece[]> {
    const { engine, clock, givesUp } = this.#options;
    for (let look = 1; ; look++) {
      const printed = await engine.log(id).catch(() => []);
      if (printed.length > 0 || look === OUTPUT_LOOKS || givesUp()) return printed;
      await new Promise<void>((resolve) => clock.after(OUTPUT_LOOK_MS, resolve));
    }
  }
}

/** Nothing changes a refusal, a full disk, or damage. */
function isPassingStoreError(error: unknown): boolean {
  return !isMillraceError(error) || error.code === "datastore-io";
}
