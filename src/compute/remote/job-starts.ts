import type { Graph, GraphStep } from "../../core/graph.js";
import type { RemoteJob } from "../../core/remote-job.js";
import type { TaskSpec } from "../../core/task-spec.js";
import { writeJobSpecs } from "../../datastore/job-specs.js";
import { jobSpecsKey } from "../../datastore/layout.js";
import type { RunStore } from "../../datastore/run-store.js";
import type { JobRequest, RemoteEngine } from "./engine.js";
import { jobName } from "./job-name.js";
import type { Patience } from "./patience.js";

/** What is said of every job of a step: all but which of its tasks it is for. */
export type JobOfStep = Omit<RemoteJob, "tasks" | "index" | "arrayVariable" | "restartVariable">;

export interface JobStartsOptions {
  readonly engine: RemoteEngine;
  readonly run: RunStore;
  readonly graph: Graph;
  /** The start script's text. */
  readonly boot: string;
  readonly jobOf: (step: string) => JobOfStep;
  readonly patience: Patience;
  /** No job is wanted any more. */
  readonly givesUp: () => boolean;
}

/** Starts jobs: what they are told is in the datastore before, and none is started twice. */
export class JobStarts {
  readonly #options: JobStartsOptions;
  readonly #steps: ReadonlyMap<string, GraphStep>;

  constructor(options: JobStartsOptions) {
    this.#options = options;
    this.#steps = new Map(options.graph.steps.map((step) => [step.name, step]));
  }

  /**
   * Starts a job for tasks of one step, an array if they are several; answers the ids, in the tasks' order.
   * @throws what is wrong for good, or, when nobody wants the job any more, for the moment
   */
  async start(specs: readonly [TaskSpec, ...TaskSpec[]]): Promise<readonly string[]> {
    const { engine, run, patience, givesUp } = this.#options;
    const { step, task, attempt } = specs[0];
    const key = jobSpecsKey(run.flow, run.id, { engine: engine.name, step, task, attempt });
    const name = jobName(run.record, { step, task, attempt });
    await patience.until(run.store.location, () => writeJobSpecs(run.store, key, specs), { givesUp });
    let isSecondTry = false;
    return patience.until(
      engine.title,
      async () => {
        // A request whose answer was lost may have started the job all the same.
        const before = isSecondTry ? await this.#startedBefore(name, specs.length) : undefined;
        isSecondTry = true;
        return before ?? engine.submit(this.#request(specs[0], key, name, specs.length));
      },
      { givesUp },
    );
  }

  async #startedBefore(name: string, count: number): Promise<readonly string[] | undefined> {
    const { engine, run } = this.#options;
    const found = (await engine.find(run.record, [name])).filter((job) => job.name === name);
    const ids = new Map(found.map((job) => [job.index ?? 0, job.id]));
    const ordered = Array.from({ length: count }, (_, index) => ids.get(index)).filter((id) => id !== undefined);
    return ordered.length === count ? ordered : undefined;
  }

  #request({ step: name, timeoutMs }: TaskSpec, tasks: string, jobNamed: string, count: number): JobRequest {
    const { engine, boot, jobOf } = this.#options;
    const step = this.#steps.get(name);
    if (step === undefined) throw new Error(`the graph has no step ${name}`);
    const { arrayVariable, restartVariable } = engine;
    const place = count === 1 ? { index: 0 } : { arrayVariable };
    const job: RemoteJob = { ...jobOf(name), tasks, ...place, ...(restartVariable !== undefined && { restartVariable }) };
    return { name: jobNamed, step, count, boot, job: JSON.stringify(job), ...(timeoutMs !== undefined && { timeoutMs }) };
  }
}
