import type { Clock } from "../../core/clock.js";
import { isMillraceError } from "../../core/errors/millrace-error.js";
import type { Failure } from "../../core/failure.js";
import { EngineSilent, type JobState, type RemoteEngine } from "./engine.js";
import { Pace } from "./pace.js";
import type { Patience } from "./patience.js";
import type { RemoteAttempt } from "./remote-attempt.js";
import { jobUnknownFailure } from "./remote-failures.js";

/** How long an engine may not know a job before it counts as gone: what was just started may not be listed yet. */
const UNKNOWN_MS = 60_000;

/** Says something to people, beside the tasks' own events. */
export type Tell = (level: "info" | "warning", code: string, text: string) => void;

export interface JobWatchOptions {
  readonly engine: RemoteEngine;
  readonly clock: Clock;
  readonly patience: Patience;
  readonly tell: Tell;
  /** A job is over. `failure`: in the engine's words what ended it, when it did not end by itself and well. */
  readonly ended: (attempt: RemoteAttempt, failure: Failure | undefined) => void;
  /** Jobs cannot be watched any more. */
  readonly lostSight: (attempts: readonly RemoteAttempt[], error: unknown) => void;
}

/** Looks at jobs while there are any: how they are, and what they print. */
export class JobWatch {
  readonly #options: JobWatchOptions;
  readonly #pace: Pace;
  readonly #byId = new Map<string, RemoteAttempt>();
  readonly #said = new Set<string>();
  #polling = false;
  #isOver = false;

  constructor(options: JobWatchOptions) {
    this.#options = options;
    this.#pace = new Pace(options.engine, options.clock);
  }

  /** The engine has the attempt's job, and calls it so. Looking begins with {@link hurry}. */
  add(attempt: RemoteAttempt, id: string): void {
    this.#byId.set(id, attempt);
    attempt.queued(id, this.#options.engine.title);
  }

  forget({ id }: RemoteAttempt): void {
    if (id !== undefined) this.#byId.delete(id);
  }

  /** Something was done to jobs: its effect is looked for soon. */
  hurry(): void {
    this.#pace.hurry();
    if (!this.#polling) void this.#poll();
  }

  /** Nobody waits for the jobs any more. */
  end(): void {
    this.#isOver = true;
    this.#pace.end();
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    while (this.#byId.size > 0 && !this.#isOver) {
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
    const { engine, patience } = this.#options;
    const ids = [...this.#byId.keys()];
    const states = await patience.until(engine.title, () => this.#statesOf(ids), { givesUp: () => this.#isOver });
    await this.#see(new Map(ids.map((id) => [id, states.get(id) ?? { phase: "unknown" }])));
  }

  async #statesOf(ids: readonly string[]): Promise<ReadonlyMap<string, JobState>> {
    try {
      return await this.#options.engine.states(ids);
    } catch (error) {
      if (error instanceof EngineSilent) await this.#see(error.known);
      throw error;
    }
  }

  async #see(states: ReadonlyMap<string, JobState>): Promise<void> {
    let changes = 0;
    for (const [id, state] of states) {
      const attempt = this.#byId.get(id);
      if (attempt !== undefined && this.#apply(attempt, state)) changes++;
    }
    this.#pace.saw(changes);
    await this.#showOutput([...this.#byId.values()].filter(({ phase }) => phase === "running").flatMap(({ id }) => id ?? []));
  }

  #lookedInVain(error: unknown): void {
    if (this.#isOver) return;
    const attempts = [...this.#byId.values()];
    this.#byId.clear();
    this.#options.lostSight(attempts, error);
  }

  /** True when something has changed. */
  #apply(attempt: RemoteAttempt, state: JobState): boolean {
    const { clock } = this.#options;
    if (state.phase !== "unknown") attempt.unknownSince = undefined;
    switch (state.phase) {
      case "queued": {
        const wasRunning = attempt.phase === "running";
        attempt.requeued(this.#options.engine.title);
        this.#tellNote(attempt, state.note);
        return wasRunning;
      }
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

  #end(attempt: RemoteAttempt, failure: Failure | undefined): void {
    this.forget(attempt);
    attempt.phase = "ending";
    this.#options.ended(attempt, failure);
  }

  #tellNote(attempt: RemoteAttempt, note: string | undefined): void {
    if (note === undefined || note === attempt.note) return;
    attempt.note = note;
    // Of the tasks of a step one stands for all: they most often wait for the same.
    const { step, task } = attempt.spec;
    this.#sayOnce("job-waits", `${step}/${task} (${this.#options.engine.title} job ${attempt.id}) ${note}`, `${step} ${note}`);
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

  /** @param key What has been said once it was. */
  #sayOnce(code: string, text: string, key = text): void {
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.#options.tell("warning", code, text);
  }
}
