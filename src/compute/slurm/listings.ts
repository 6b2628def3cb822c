import type { ListedJob } from "./job-listing.js";
import type { SlurmJobs } from "./slurm-jobs.js";

/** The shortest and the longest time between two listings, milliseconds, and how much longer it gets while nothing changes. */
const SHORTEST_MS = 1_000;
const LONGEST_MS = 10_000;
const GROWTH = 1.25;

/**
 * The cluster's list of jobs, asked for as often as its controller can well bear: about once a second while jobs come and go, and
 * more and more seldom while none does.
 */
export class Listings {
  readonly #jobs: SlurmJobs;
  readonly #now: () => number;
  #last: ReadonlyMap<string, ListedJob> = new Map();
  #listedAt = Number.NEGATIVE_INFINITY;
  #pauseMs = SHORTEST_MS;

  constructor(jobs: SlurmJobs, now: () => number) {
    this.#jobs = jobs;
    this.#now = now;
  }

  /** The jobs as they were a moment ago. */
  async current(): Promise<ReadonlyMap<string, ListedJob>> {
    if (this.#now() - this.#listedAt < this.#pauseMs) return this.#last;
    const listed = await this.#jobs.list();
    this.#pauseMs = isSame(this.#last, listed) ? Math.min(LONGEST_MS, this.#pauseMs * GROWTH) : SHORTEST_MS;
    this.#last = listed;
    this.#listedAt = this.#now();
    return listed;
  }

  /** Something has happened to jobs: they are listed again soon. */
  hurry(): void {
    this.#pauseMs = SHORTEST_MS;
  }

  /** Jobs have been started or ended: what was listed before says nothing of it. */
  outdate(): void {
    this.#pauseMs = SHORTEST_MS;
    this.#listedAt = Number.NEGATIVE_INFINITY;
  }
}

function isSame(before: ReadonlyMap<string, ListedJob>, now: ReadonlyMap<string, ListedJob>): boolean {
  return (
    before.size === now.size && [...now].every(([id, { state, reason }]) => before.get(id)?.state === state && before.get(id)?.reason === reason)
  );
}
