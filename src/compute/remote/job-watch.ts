import type { Clock } from "../../core/clock.js";
import { isMillraceError } from "../../core/errors/millrace-error.js";
import type { Failure } from "../../core/failure.js";
import type { JobState, RemoteEngine } from "./engine.js";
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
    const states = await patience.until(engine.title, () => engine.states(ids), { givesUp: () => this.#isOver });
    let changes = 0;
    for (const id of ids) {
      const attempt = this.#byId.get(id);
      if (attempt !== undefined && this.#apply(attempt, states.get(id) ?? { phase: "unknown" })) changes++;
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

  #end(attempt: RemoteAttempt, failure: Failure | undefined): void {
    this.forget(attempt);
    attempt.phase = "ending";
    this.#options.ended(attempt, failure);
  }

  #tellNote(attempt: RemoteAttempt, note: string | undefined): void {
    if (note === undefined || note === attempt.note) return;
    attempt.note = note;
    this.#sayOnce("job-waits", note);
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

  #sayOnce(code: string, text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    this.#options.tell("warning", code, text);
  }
}
