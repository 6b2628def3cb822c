import type { ListedJob } from "./job-listing.js";
import type { SlurmJobs } from "./slurm-jobs.js";

/** How long Slurm gets to notice by itself that a job has ended, milliseconds. */
const NOTICE_MS = 10_000;
/** The same at the end of everything, when nobody looks any more. */
const LAST_NOTICE_MS = 2_000;
const LOOK_MS = 250;

/** Jobs that are over, and of which Slurm does not know it: it would keep their places on the node for minutes, or start them again. */
export class Leftovers {
  readonly #jobs: SlurmJobs;
  readonly #now: () => number;
  readonly #since = new Map<string, number>();

  constructor(jobs: SlurmJobs, now: () => number) {
    this.#jobs = jobs;
    this.#now = now;
  }

  add(id: string): void {
    if (!this.#since.has(id)) this.#since.set(id, this.#now());
  }

  /** Forgets the jobs whose end Slurm has noticed, and ends those of which it has not for long. */
  async tidy(listed: ReadonlyMap<string, ListedJob>, patienceMs: number = NOTICE_MS): Promise<void> {
    const late: string[] = [];
    for (const [id, since] of this.#since) {
      const { state, phase } = listed.get(id) ?? {};
      const isListed = state === "RUNNING" || phase === "waiting";
      if (isListed && this.#now() - since < patienceMs) continue;
      this.#since.delete(id);
      if (isListed) late.push(id);
    }
    if (late.length > 0) await this.#jobs.cancel(late, "all");
  }

  /** No more is to come: waits until Slurm has noticed all of them, and not for long. */
  async end(): Promise<void> {
    while (this.#since.size > 0) {
      await this.tidy(await this.#jobs.list(), LAST_NOTICE_MS);
      if (this.#since.size > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}
