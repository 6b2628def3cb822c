import type { GraphStep } from "../../core/graph.js";
import type { Failure } from "../../core/failure.js";
import type { JsonValue } from "../../core/json.js";
import type { StoreAddress } from "../../core/store-address.js";
import type { RunRecord } from "../../core/records.js";
import type { LogPiece, LogStream } from "../../datastore/task-log.js";

/** A job to be started: one attempt of one task, or an array of such. */
export interface JobRequest {
  /** Tells the job from all others of the run, and finds it again. Letters, digits, `-` and `_`, at most 128 of them. */
  readonly name: string;
  readonly step: GraphStep;
  /** 1: a job of its own. More: an array; each of its elements finds its number, from 0, in the engine's `arrayVariable`. */
  readonly count: number;
  /** What starts a task where there is Node and nothing else: the text of a script for `node -e` or a file. */
  readonly boot: string;
  /** What the script finds in the environment variable `MILLRACE_JOB`. */
  readonly job: string;
  /** The attempt ends itself after this many milliseconds: the engine's own limit has to be above it. */
  readonly timeoutMs?: number;
}

/** What an engine knows of a job, or of an array's element. */
export type JobState =
  /** It waits for a place. `note`: why, for people, where the engine can say, once there is reason to wonder. */
  | { readonly phase: "queued"; readonly note?: string }
  | { readonly phase: "running" }
  /** `failure`: in the engine's words what ended it, when it did not end by itself and well. */
  | { readonly phase: "ended"; readonly failure?: Failure }
  /** The engine has never heard of it, or has forgotten it. */
  | { readonly phase: "unknown" };

/** A part of what a job printed. */
export interface JobOutput {
  readonly id: string;
  readonly stream: LogStream;
  readonly text: string;
  /** When it was printed, milliseconds since the epoch, where the engine knows. */
  readonly time?: number;
}

/** A job that a scheduler before this one has started. */
export interface FoundJob {
  readonly id: string;
  readonly name: string;
  /** Of an array's element: its number. */
  readonly index?: number;
  readonly state: JobState;
}

/** An engine that does not answer, and what is known of jobs all the same: from what they have left behind. */
export class EngineSilent extends Error {
  readonly known: ReadonlyMap<string, JobState>;

  constructor(message: string, known: ReadonlyMap<string, JobState>) {
    super(message);
    this.name = "EngineSilent";
    this.known = known;
  }
}

/**
 * Something that runs jobs elsewhere: AWS Batch, Slurm. Ids of jobs, and of the elements of arrays, are the engine's own
 * words. What a method throws is passing (a network that is down), and is tried again, unless it is a MillraceError: that is for good.
 */
export interface RemoteEngine extends AsyncDisposable {
  /** The decorator's name. */
  readonly name: "batch" | "slurm";
  /** What people call it: `AWS Batch`. */
  readonly title: string;
  /** The environment variable that tells an array's element its number. */
  readonly arrayVariable: string;
  /** The environment variable that tells a job that the engine itself has started again how often; absent where none does. */
  readonly restartVariable?: string;
  /** How many elements an array may have; it has at least 2. */
  readonly largestArray: number;
  /** The shortest time between two looks at jobs, milliseconds. */
  readonly pollMs: number;
  /** Requests made so far. Looking at jobs slows down so that there is at most about one a second. */
  readonly requests: number;
  /**
   * Looks whether jobs of these steps can run at all, and reach the datastore, before the run starts.
   * @throws MillraceError for what is wrong: no such queue, no permission, a datastore on this machine alone …
   */
  check(steps: readonly GraphStep[], store: StoreAddress): Promise<void>;
  /** Starts a job. Answers the ids: of an array, those of its elements in order. */
  submit(request: JobRequest): Promise<readonly string[]>;
  /**
   * How the jobs are, in as few requests as can be.
   * @throws EngineSilent when it is not known of all
   */
  states(ids: readonly string[]): Promise<ReadonlyMap<string, JobState>>;
  /** What the jobs have printed since the last time they were asked for. May be late; must not be out of order. */
  output(ids: readonly string[]): Promise<readonly JobOutput[]>;
  /** Where others can read what a running job prints, as `datastore/output-place.ts` understands it; undefined while nobody can say. */
  outputPlace(id: string): JsonValue | undefined;
  /** All that an ended job has printed, as far as it is known: for one that could not keep its output itself. */
  log(id: string): Promise<readonly LogPiece[]>;
  /** Ends jobs, or those of them alone that have not begun. */
  cancel(ids: readonly string[], which: "all" | "queued", reason: string): Promise<void>;
  /**
   * The jobs of a run that it still has in mind, ended ones too.
   * @param names The names they can have; the engine may answer further ones.
   */
  find(run: RunRecord, names: readonly string[]): Promise<readonly FoundJob[]>;
}
