import { join } from "node:path";
import { LocalPool } from "../compute/local/local-pool.js";
import type { TaskProcess } from "../compute/local/task-process.js";
import type { Environment } from "../config/environment.js";
import type { TaskProcessAnswer } from "../core/messages.js";
import type { RemoteJob } from "../core/remote-job.js";
import type { TaskOutcome, TaskSpec } from "../core/task-spec.js";
import type { RunStore } from "../datastore/run-store.js";

/** Where a job's task is to run. */
export interface JobPlace {
  readonly job: RemoteJob;
  /** The folder in which the code is unpacked, absolute. */
  readonly root: string;
  /** The task process's entry file. */
  readonly entry: string;
  readonly env: Environment;
}

/** One task of a job. */
export interface JobTask {
  readonly run: RunStore;
  readonly spec: TaskSpec;
  /** Aborted: the machine is to be left. */
  readonly stop: AbortSignal;
  readonly onOutput: (stream: "stdout" | "stderr", text: string) => void;
  /** The task's process finds the datastore slow or failing. */
  readonly onTrouble: (reason: string) => void;
}

/** The process of a job's task. It loads the flow from the first moment on, while the job finds out what its task is. */
export class JobProcess implements AsyncDisposable {
  readonly #job: RemoteJob;
  readonly #pool: LocalPool;
  readonly #load;
  readonly #first: TaskProcess;
  readonly #loaded: Promise<TaskProcessAnswer | undefined>;

  constructor({ job, root, entry, env }: JobPlace) {
    this.#job = job;
    const { bundle, exportName, cwd } = job.code;
    const { heapMb } = job;
    this.#pool = new LocalPool({ entry, cwd: join(root, cwd), env, maxWorkers: 1, ...(heapMb !== undefined && { heapMb }) });
    this.#load = { type: "load", bundle: join(root, bundle), exportName, describe: false } as const;
    this.#first = this.#pool.startProcess();
    this.#loaded = this.#first.request(this.#load);
  }

  /**
   * Runs the task as at home: limits of time, deaths of the process and its output are seen to in the same way, and its record is
   * in the datastore when this resolves. Undefined when it was stopped before it began.
   */
  async run({ run, spec, stop, onOutput, onTrouble }: JobTask): Promise<TaskOutcome | undefined> {
    const isLoaded = (await this.#loaded)?.type === "loaded";
    // Why the flow does not load is found out, and said, by another process.
    if (!isLoaded) this.#first.kill("SIGKILL");
    await this.#pool.open({ load: this.#load, run, store: this.#job.store }, 1, isLoaded ? this.#first : undefined);
    return await new Promise<TaskOutcome | undefined>((resolve) => {
      stop.addEventListener("abort", () => this.#pool.stop("gently"), { once: true });
      this.#pool.submit(spec, {
        queued: () => {},
        started: () => {},
        output: onOutput,
        trouble: onTrouble,
        ended: resolve,
        withdrawn: () => resolve(undefined),
      });
      if (stop.aborted) this.#pool.stop("gently");
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
  }
}
