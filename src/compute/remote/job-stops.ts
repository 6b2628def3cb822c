import { messageOf } from "../../core/errors/millrace-error.js";
import type { RemoteEngine } from "./engine.js";
import type { Tell } from "./job-watch.js";
import type { Patience } from "./patience.js";

/** Why jobs are ended, for who looks at them in the engine's own tools. */
const REASONS = {
  stopped: "The run was stopped.",
  failed: "Another task of the run failed.",
  useless: "The run that goes on from this job's has no use for it.",
} as const;

export interface JobStopsOptions {
  readonly engine: RemoteEngine;
  readonly patience: Patience;
  readonly tell: Tell;
  /** Nobody waits for the jobs any more: what does not answer is not asked again. */
  readonly givesUp: () => boolean;
}

/** Has jobs ended that nobody wants any more. */
export class JobStops {
  readonly #options: JobStopsOptions;

  constructor(options: JobStopsOptions) {
    this.#options = options;
  }

  /**
   * Has jobs ended, or, where another task's failure is the reason, those of them that have not begun. Resolves when the engine has
   * heard of it, or will not.
   */
  async stop(ids: readonly string[], reason: keyof typeof REASONS): Promise<void> {
    const { engine, patience, tell, givesUp } = this.#options;
    const which = reason === "failed" ? "queued" : "all";
    try {
      await patience.until(engine.title, () => engine.cancel(ids, which, REASONS[reason]), { givesUp });
    } catch (error) {
      tell("warning", "jobs-not-ended", `${engine.title} did not end jobs: ${messageOf(error)}`);
    }
  }
}
