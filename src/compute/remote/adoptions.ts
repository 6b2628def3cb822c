import { formatTaskRef } from "../../core/task-ref.js";
import type { TaskSpec } from "../../core/task-spec.js";
import { hasSameInputs, type LivingJob } from "./living-jobs.js";

/** Jobs of earlier runs that wait to be taken over by tasks of this one. */
export class Adoptions {
  /** By task: `score/3`. */
  readonly #jobs: Map<string, LivingJob>;

  constructor(jobs: readonly LivingJob[]) {
    this.#jobs = new Map(jobs.map((job) => [formatTaskRef(job.spec.step, job.spec.task), job]));
  }

  /** The job of the task's place, once, and whether it does what the task would. One that does not is of no use to anybody. */
  take(spec: TaskSpec): { readonly job: LivingJob; readonly isFit: boolean } | undefined {
    const ref = formatTaskRef(spec.step, spec.task);
    const job = this.#jobs.get(ref);
    this.#jobs.delete(ref);
    return job && { job, isFit: hasSameInputs(job, spec) };
  }
}
