import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../../config/environment.js";
import { isMillraceError, MillraceError, messageOf } from "../../core/errors/millrace-error.js";
import type { GraphStep } from "../../core/graph.js";
import type { JsonValue } from "../../core/json.js";
import type { StoreAddress } from "../../core/store-address.js";
import type { RunRecord, SlurmDefaults } from "../../core/records.js";
import { parseRemoteJob } from "../../core/remote-job.js";
import { droppedNote, type LogPiece, type LogStream } from "../../datastore/task-log.js";
import { EngineSilent, type FoundJob, type JobOutput, type JobRequest, type JobState, type RemoteEngine } from "../remote/engine.js";
import { jobEnvironment } from "./job-environment.js";
import { readTraces } from "./end-marks.js";
import type { SlurmExit } from "./exit-code.js";
import { jobFailure } from "./job-failure.js";
import type { ListedJob } from "./job-listing.js";
import { jobScript } from "./job-script.js";
import { Leftovers } from "./leftovers.js";
import { Listings } from "./listings.js";
import { LogTail, readTail } from "./log-tail.js";
import { ARRAY_COMMENT, jobArguments, resourceArguments } from "./sbatch-arguments.js";
import { nodeSettings } from "./node-settings.js";
import { outputFolder } from "./output-folder.js";
import type { SlurmCommands } from "./slurm-commands.js";
import { arrayOf, SlurmJobs } from "./slurm-jobs.js";
import { WaitingNotes } from "./waiting-note.js";

/** How often the cluster's accounts are asked for jobs that the controller has forgotten, at most. */
const ACCOUNTS_MS = 10_000;
/** What the daemon that watches a job prints among the job's own output when the job is cancelled. */
const CANCELLATION = /^slurmstepd\S*: error: \*{3} .*CANCELLED AT .*\n/gm;
/** Bytes of a job's last words that are searched for what went wrong. */
const LAST_WORDS_BYTES = 8 * 1024;
/** Bytes a stream that are kept of a job that could not keep its output itself. */
const KEPT_BYTES = 4 * 1024 * 1024;

const STREAMS = [
  { stream: "stdout", suffix: "out" },
  { stream: "stderr", suffix: "err" },
] as const satisfies readonly { readonly stream: LogStream; readonly suffix: string }[];

export interface SlurmEngineOptions {
  readonly commands: SlurmCommands;
  /** This process's own; jobs get a part of it. */
  readonly environment: Environment;
  /** Whose jobs: a name, or a number. */
  readonly user: string;
  readonly defaults: SlurmDefaults;
  /** Where jobs print to when the datastore is in S3: a folder on a file system that the nodes share. */
  readonly sharedFolder: string;
  /** Node's program of this process. */
  readonly execPath: string;
  readonly now: () => number;
}

/** Runs tasks as jobs of a Slurm cluster. */
export class SlurmEngine implements RemoteEngine {
  readonly name = "slurm";
  readonly title = "Slurm";
  readonly arrayVariable = "SLURM_ARRAY_TASK_ID";
  readonly restartVariable = "SLURM_RESTART_COUNT";
  /** Most looks cost no more than a folder's names: see {@link Listings} for what asks the controller. */
  readonly pollMs = 250;
  readonly requests = 0;
  readonly #options: SlurmEngineOptions;
  #jobs: SlurmJobs;
  #listings: Listings;
  #leftovers: Leftovers;
  #store: StoreAddress | undefined;
  #largestArray = 1;
  #hasAccounting = false;
  #accountsAskedAt = Number.NEGATIVE_INFINITY;
  /** Where jobs print to. */
  readonly #folders = new Map<string, string>();
  /** Made for jobs that were started here. */
  readonly #ownFolders = new Set<string>();
  readonly #tails = new Map<string, LogTail>();
  /** Taken back before they began. Of an array such tasks are not listed any more. */
  readonly #cancelled = new Set<string>();
  readonly #waiting: WaitingNotes;
  /** How many files jobs had left in each folder. */
  readonly #files = new Map<string, number>();

  constructor(options: SlurmEngineOptions) {
    this.#options = options;
    this.#jobs = this.#jobsFor("local");
    this.#listings = new Listings(this.#jobs, options.now);
    this.#leftovers = new Leftovers(this.#jobs, options.now);
    this.#waiting = new WaitingNotes(options.now);
  }

  #jobsFor(kind: StoreAddress["kind"]): SlurmJobs {
    const { commands, environment, user } = this.#options;
    return new SlurmJobs(commands, jobEnvironment(environment, kind === "s3"), user);
  }

  get largestArray(): number {
    return this.#largestArray;
  }

  async check(steps: readonly GraphStep[], store: StoreAddress): Promise<void> {
    this.#store = store;
    this.#jobs = this.#jobsFor(store.kind);
    this.#listings = new Listings(this.#jobs, this.#options.now);
    this.#leftovers = new Leftovers(this.#jobs, this.#options.now);
    try {
      const limits = await this.#jobs.limits();
      this.#largestArray = limits.largestArray;
      this.#hasAccounting = limits.hasAccounting;
    } catch (error) {
      throw isMillraceError(error) ? error : new MillraceError("slurm-unreachable", { said: messageOf(error) });
    }
    const different = new Map(steps.map((step) => [JSON.stringify(this.#resources(step)), step]));
    await Promise.all([...different.values()].map((step) => this.#jobs.try(step.name, this.#resources(step))));
  }

  #resources(step: GraphStep): readonly string[] {
    return resourceArguments(step, this.#options.defaults);
  }

  async submit({ name, step, count, boot, job }: JobRequest): Promise<readonly string[]> {
    const { execPath, defaults } = this.#options;
    const folder = this.#makeFolder(job);
    const id = await this.#jobs.submit({
      step: step.name,
      name,
      args: [...this.#resources(step), ...jobArguments({ name, count, folder })],
      script: jobScript({ boot, job, execPath, folder, ...nodeSettings(step, defaults) }),
    });
    this.#listings.outdate();
    const ids = count === 1 ? [id] : Array.from({ length: count }, (_, index) => `${id}_${index}`);
    for (const one of ids) this.#folders.set(one, folder);
    return ids;
  }

  #makeFolder(job: string): string {
    const told = parseRemoteJob(job);
    if (told === undefined) throw new Error("a job of no known form is to be started");
    const folder = outputFolder(told.store, this.#options.sharedFolder, told);
    if (!this.#ownFolders.has(folder)) mkdirSync(folder, { recursive: true });
    this.#ownFolders.add(folder);
    return folder;
  }

  async states(ids: readonly string[]): Promise<ReadonlyMap<string, JobState>> {
    const listed = await this.#listed(ids);
    await this.#leftovers.tidy(listed);
    const marks = this.#readMarks(ids);
    const found = new Map(ids.map((id) => [id, this.#withMark(id, listed.get(id), marks.get(id)) ?? this.#takenBack(id, listed)]));
    const remembered = await this.#remembered(ids.filter((id) => found.get(id) === undefined));
    return new Map(ids.map((id) => [id, this.#stateOf(id, found.get(id) ?? remembered?.get(id))]));
  }

  async #listed(ids: readonly string[]): Promise<ReadonlyMap<string, ListedJob>> {
    try {
      return await this.#listings.current();
    } catch (error) {
      if (isMillraceError(error)) throw error;
      // Jobs do not need the controller to come to their end.
      const ended = [...this.#readMarks(ids)].flatMap(([id, exit]) => this.#withMark(id, undefined, exit) ?? []);
      throw new EngineSilent(messageOf(error), new Map(ended.map((job) => [job.id, this.#stateOf(job.id, job)])));
    }
  }

  #readMarks(ids: readonly string[]): ReadonlyMap<string, SlurmExit> {
    const wanted = new Set(ids);
    const folders = new Set(ids.flatMap((id) => this.#folders.get(id) ?? []));
    return new Map(
      [...folders].flatMap((folder) => {
        const { ends, files } = readTraces(folder, wanted);
        if (files !== this.#files.get(folder)) this.#listings.hurry();
        this.#files.set(folder, files);
        return [...ends];
      }),
    );
  }

  /** Slurm may not have noticed yet that a job has ended, or have forgotten it. */
  #withMark(id: string, job: ListedJob | undefined, exit: SlurmExit | undefined): ListedJob | undefined {
    if (exit === undefined || job?.phase === "ended") return job;
    this.#leftovers.add(id);
    const state = exit.code === 0 && exit.signal === 0 ? "COMPLETED" : "FAILED";
    return { ...(job ?? unlisted(id)), state, phase: "ended", reason: "None", exit };
  }

  /** What the cluster's accounts say of jobs that the controller does not list any more; a job that was just started it does not list yet. */
  async #remembered(ids: readonly string[]): Promise<ReadonlyMap<string, ListedJob> | undefined> {
    const now = this.#options.now();
    if (!this.#hasAccounting || ids.length === 0 || now < this.#accountsAskedAt + ACCOUNTS_MS) return undefined;
    this.#accountsAskedAt = now;
    return this.#jobs.remembered(ids);
  }

  /** A task of an array that was cancelled before it began: what is left of the array may tell, else we know it ourselves. */
  #takenBack(id: string, listed: ReadonlyMap<string, ListedJob>): ListedJob | undefined {
    const rest = listed.get(arrayOf(id));
    if (rest?.phase === "ended") return { ...rest, id };
    if (!this.#cancelled.has(id)) return undefined;
    return { ...unlisted(id), state: "CANCELLED" };
  }

  #stateOf(id: string, job: ListedJob | undefined): JobState {
    if (job === undefined) return { phase: "unknown" };
    if (job.phase === "waiting") {
      const note = this.#waiting.of(job);
      return { phase: "queued", ...(note !== undefined && { note }) };
    }
    this.#waiting.forget(id);
    if (job.phase === "running") return { phase: "running" };
    const failure = jobFailure(job, this.#folders.get(id) ?? "its folder", this.#lastPrinted(id));
    return { phase: "ended", ...(failure !== undefined && { failure }) };
  }

  async output(ids: readonly string[]): Promise<readonly JobOutput[]> {
    return ids.flatMap((id) =>
      STREAMS.flatMap(({ stream, suffix }) => {
        const path = this.#path(id, suffix);
        if (path === undefined) return [];
        let tail = this.#tails.get(path);
        if (tail === undefined) this.#tails.set(path, (tail = new LogTail(path)));
        // That the run has ended the job itself is no news.
        const text = this.#cancelled.has(id) ? tail.readNew().replaceAll(CANCELLATION, "") : tail.readNew();
        return text === "" ? [] : [{ id, stream, text }];
      }),
    );
  }

  outputPlace(id: string): JsonValue | undefined {
    const [stdout, stderr] = [this.#path(id, "out"), this.#path(id, "err")];
    return stdout === undefined || stderr === undefined ? undefined : { stdout, stderr, own: true };
  }

  async log(id: string): Promise<readonly LogPiece[]> {
    return STREAMS.flatMap(({ stream, suffix }) => {
      const path = this.#path(id, suffix);
      const tail = path === undefined ? undefined : readTail(path, KEPT_BYTES);
      if (tail === undefined || tail.bytes.length === 0) return [];
      const parts = tail.before > 0 ? [droppedNote(tail.before), tail.bytes] : [tail.bytes];
      return parts.map((bytes) => ({ time: tail.modifiedAt, stream, bytes }));
    });
  }

  async cancel(ids: readonly string[], which: "all" | "queued"): Promise<void> {
    await this.#jobs.cancel(ids, which);
    this.#listings.outdate();
    for (const id of ids) this.#cancelled.add(id);
  }

  async find(run: RunRecord, names: readonly string[]): Promise<readonly FoundJob[]> {
    const wanted = new Set(names);
    const found = [...(await this.#jobs.list()).values()].filter((job) => wanted.has(job.name) && !isRestOfArray(job));
    if (this.#store !== undefined) {
      const folder = outputFolder(this.#store, this.#options.sharedFolder, run);
      for (const { id } of found) this.#folders.set(id, folder);
    }
    const marks = this.#readMarks(found.map(({ id }) => id));
    return found.map((job) => {
      const index = job.id.split("_")[1];
      const state = this.#stateOf(job.id, this.#withMark(job.id, job, marks.get(job.id)));
      return { id: job.id, name: job.name, state, ...(index !== undefined && { index: Number(index) }) };
    });
  }

  /** What jobs printed is kept with their attempts. */
  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing depends on it any more.
    await this.#leftovers.end().catch(() => {});
    for (const folder of this.#ownFolders) rmSync(folder, { recursive: true, force: true });
  }

  #path(id: string, suffix: string): string | undefined {
    const folder = this.#folders.get(id);
    return folder === undefined ? undefined : join(folder, `${id}.${suffix}`);
  }

  #lastPrinted(id: string): string {
    const path = this.#path(id, "err");
    const tail = path === undefined ? undefined : readTail(path, LAST_WORDS_BYTES);
    return tail === undefined ? "" : Buffer.from(tail.bytes).toString("utf8");
  }
}

/** What is known of a job that Slurm does not list. */
function unlisted(id: string): ListedJob {
  return { id, state: "", phase: "ended", reason: "None", exit: undefined, node: "", partition: "", submittedAt: "", name: "", comment: "" };
}

/** The part of an array that was cancelled before it began is listed as a job of its own. */
function isRestOfArray({ id, comment }: ListedJob): boolean {
  return comment === ARRAY_COMMENT && !id.includes("_");
}
