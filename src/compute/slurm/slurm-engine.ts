import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isMillraceError, MillraceError, messageOf } from "../../core/errors/millrace-error.js";
import type { GraphStep } from "../../core/graph.js";
import type { RunRecord } from "../../core/records.js";
import { droppedNote, type LogPiece, type LogStream } from "../../datastore/task-log.js";
import type { FoundJob, JobOutput, JobRequest, JobState, RemoteEngine } from "../remote/engine.js";
import { jobFailure } from "./job-failure.js";
import type { ListedJob } from "./job-listing.js";
import { jobScript, type JobScriptOptions } from "./job-script.js";
import { LogTail, readTail } from "./log-tail.js";
import { jobArguments, resourceArguments } from "./sbatch-arguments.js";
import { nodeSettings } from "./node-settings.js";
import type { SlurmJobs } from "./slurm-jobs.js";
import { waitingNote } from "./waiting-note.js";

/** Waiting this long for a reason that usually passes is worth a word. */
const WONDER_MS = 15_000;
/** Bytes of a job's last words that are searched for what went wrong. */
const LAST_WORDS_BYTES = 8 * 1024;
/** Bytes a stream that are kept of a job that could not keep its output itself. */
const KEPT_BYTES = 4 * 1024 * 1024;

const STREAMS = [
  { stream: "stdout", suffix: "out" },
  { stream: "stderr", suffix: "err" },
] as const satisfies readonly { readonly stream: LogStream; readonly suffix: string }[];

export interface SlurmEngineOptions {
  readonly jobs: SlurmJobs;
  /** The folder, on a file system that login node and nodes share, that jobs of a run print to. */
  readonly outputFolder: (run: Pick<RunRecord, "flow" | "run">) => string;
  readonly run: Pick<RunRecord, "flow" | "run">;
  /** Node's program of this process. */
  readonly execPath: string;
  readonly now: () => number;
}

/** Runs tasks as jobs of a Slurm cluster. */
export class SlurmEngine implements RemoteEngine {
  readonly name = "slurm";
  readonly title = "Slurm";
  readonly arrayVariable = "SLURM_ARRAY_TASK_ID";
  readonly pollMs = 1_000;
  readonly #options: SlurmEngineOptions;
  readonly #folder: string;
  #largestArray = 1;
  #hasAccounting = false;
  /** Folders of jobs that an earlier run started. */
  readonly #folders = new Map<string, string>();
  readonly #tails = new Map<string, LogTail>();
  /** Since when jobs have been seen waiting. */
  readonly #waitingSince = new Map<string, number>();

  constructor(options: SlurmEngineOptions) {
    this.#options = options;
    this.#folder = options.outputFolder(options.run);
  }

  get largestArray(): number {
    return this.#largestArray;
  }

  get requests(): number {
    return this.#options.jobs.requests;
  }

  async check(steps: readonly GraphStep[]): Promise<void> {
    const { jobs } = this.#options;
    try {
      const limits = await jobs.limits();
      this.#largestArray = limits.largestArray;
      this.#hasAccounting = limits.hasAccounting;
    } catch (error) {
      throw isMillraceError(error) ? error : new MillraceError("slurm-unreachable", { said: messageOf(error) });
    }
    const different = new Map(steps.map((step) => [JSON.stringify(resourceArguments(step)), step]));
    await Promise.all([...different.values()].map((step) => jobs.try(step.name, resourceArguments(step))));
  }

  async submit({ name, step, count, boot, job }: JobRequest): Promise<readonly string[]> {
    const { jobs, execPath } = this.#options;
    const { setup, node } = nodeSettings(step);
    mkdirSync(this.#folder, { recursive: true });
    const script: JobScriptOptions = {
      boot,
      job,
      setup,
      execPath,
      ...(node !== undefined && { node }),
    };
    const id = await jobs.submit({
      step: step.name,
      name,
      args: [...resourceArguments(step), ...jobArguments({ name, count, folder: this.#folder })],
      script: jobScript(script),
    });
    return count === 1 ? [id] : Array.from({ length: count }, (_, index) => `${id}_${index}`);
  }

  async states(ids: readonly string[]): Promise<ReadonlyMap<string, JobState>> {
    const { jobs } = this.#options;
    const listed = await jobs.list();
    const forgotten = ids.filter((id) => !listed.has(id));
    const remembered = this.#hasAccounting && forgotten.length > 0 ? await jobs.remembered(forgotten) : new Map<string, ListedJob>();
    return new Map(ids.map((id) => [id, this.#stateOf(id, listed.get(id) ?? remembered.get(id))]));
  }

  #stateOf(id: string, job: ListedJob | undefined): JobState {
    if (job === undefined) return { phase: "unknown" };
    if (job.phase === "running") return { phase: "running" };
    if (job.phase === "waiting") {
      const now = this.#options.now();
      const since = this.#waitingSince.get(id) ?? now;
      this.#waitingSince.set(id, since);
      const note = waitingNote(job, now - since >= WONDER_MS);
      return { phase: "queued", ...(note !== undefined && { note }) };
    }
    const failure = jobFailure(job, this.#folderOf(id), this.#lastWords(id));
    return { phase: "ended", ...(failure !== undefined && { failure }) };
  }

  async output(ids: readonly string[]): Promise<readonly JobOutput[]> {
    return ids.flatMap((id) =>
      STREAMS.flatMap(({ stream, suffix }) => {
        const path = this.#path(id, suffix);
        let tail = this.#tails.get(path);
        if (tail === undefined) this.#tails.set(path, (tail = new LogTail(path)));
        const text = tail.readNew();
        return text === "" ? [] : [{ id, stream, text }];
      }),
    );
  }

  async log(id: string): Promise<readonly LogPiece[]> {
    return STREAMS.flatMap(({ stream, suffix }) => {
      const tail = readTail(this.#path(id, suffix), KEPT_BYTES);
      if (tail === undefined || tail.bytes.length === 0) return [];
      const parts = tail.before > 0 ? [droppedNote(tail.before), tail.bytes] : [tail.bytes];
      return parts.map((bytes) => ({ time: tail.modifiedAt, stream, bytes }));
    });
  }

  async cancel(ids: readonly string[], which: "all" | "queued"): Promise<void> {
    await this.#options.jobs.cancel(ids, which);
  }

  async find(run: RunRecord, names: readonly string[]): Promise<readonly FoundJob[]> {
    const wanted = new Set(names);
    const found = [...(await this.#options.jobs.list()).values()].filter(({ name }) => wanted.has(name));
    const folder = this.#options.outputFolder(run);
    return found.map((job) => {
      this.#folders.set(job.id, folder);
      const index = job.id.split("_")[1];
      return { id: job.id, name: job.name, state: this.#stateOf(job.id, job), ...(index !== undefined && { index: Number(index) }) };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #folderOf(id: string): string {
    return this.#folders.get(id) ?? this.#folder;
  }

  #path(id: string, suffix: string): string {
    return join(this.#folderOf(id), `${id}.${suffix}`);
  }

  /** What the job's script, or what goes before the task, said last. */
  #lastWords(id: string): string | undefined {
    const tail = readTail(this.#path(id, "err"), LAST_WORDS_BYTES);
    const lines = tail === undefined ? [] : Buffer.from(tail.bytes).toString("utf8").split("\n");
    return lines.findLast((line) => line.startsWith("millrace: "))?.slice("millrace: ".length);
  }
}
