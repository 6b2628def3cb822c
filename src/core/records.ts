import type { ArtifactRef } from "./artifact-ref.js";
import type { Failure } from "./failure.js";
import type { Graph } from "./graph.js";
import type { ParameterDefinition } from "./definition.js";
import type { JsonValue } from "./json.js";
import type { ProjectRecord } from "./project.js";
import type { RemoteFlowCode } from "./remote-job.js";
import type { TaskRef, TaskRefRanges } from "./task-ref.js";
import type { Transition } from "./transition.js";

/** The version of the datastore's layout that this code writes; it reads this one only. */
export const LAYOUT_VERSION = 1;

/** One fan-out a task stands in. */
export interface ForeachFrame {
  /** The task that fanned out. */
  readonly split: TaskRef;
  /** From 0. */
  readonly index: number;
  /** Items in the fan-out. */
  readonly count: number;
}

/** Where a fan-out's items are: a pack of encoded items, each readable alone. */
export interface ItemsRef {
  readonly count: number;
  /** The pack: items one after another. */
  readonly pack: ArtifactRef;
  /** Where each item starts in the pack: count + 1 little-endian float64 byte offsets. */
  readonly offsets: ArtifactRef;
}

/** What one attempt of a task left behind. A task is done when its record with `status: "done"` is there. */
export interface AttemptRecord {
  readonly format: number;
  readonly flow: string;
  readonly run: string;
  readonly step: string;
  readonly task: string;
  /** From 0. */
  readonly attempt: number;
  readonly status: "done" | "failed";
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds since the epoch. */
  readonly finishedAt: number;
  readonly host: string;
  readonly pid: number;
  /** The tasks whose artifacts this one started from: one, or a join's branches in order. */
  readonly parents: TaskRefRanges;
  /** Open fan-outs, outermost first. */
  readonly foreach?: readonly ForeachFrame[];
  /** What the fan-out's `label` option called this item. */
  readonly label?: string;
  /** What the task set or changed. */
  readonly artifacts: Readonly<Record<string, ArtifactRef>>;
  /** What it handed on untouched: for each task that set some of them, their names. `run` stands for the run's own (parameters, field initialisers). */
  readonly inherited: Readonly<Record<TaskRef, readonly string[]>>;
  /** Where the run goes on; absent when the attempt failed. */
  readonly next?: Transition;
  /** The items of a foreach transition. */
  readonly items?: ItemsRef;
  readonly failure?: Failure;
  /** What `@retry`'s own `if` said of the failure; absent when it was not asked. */
  readonly noRetry?: boolean;
  /** The failure that `@catchError` took; the task counts as done. */
  readonly caught?: Failure;
  /** Bytes the attempt printed; absent when none. */
  readonly log?: LogSummary;
  /** Of an attempt that ran as a job: the datastore was slow or failed meanwhile, and was asked again: why. */
  readonly trouble?: string;
}

export interface LogSummary {
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  /** Bytes dropped in the middle by the log's size limit. */
  readonly droppedBytes?: number;
}

/** What a run is, written once when its id is taken. */
export interface RunRecord {
  readonly format: number;
  readonly flow: string;
  readonly run: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  readonly millrace: string;
  readonly node: string;
  /** The code package. */
  readonly code: CodeRef;
  readonly graph: Graph;
  readonly parameterDefinitions: readonly ParameterDefinition[];
  /** The values the run was given. */
  readonly parameters: Readonly<Record<string, ArtifactRef>>;
  /** Values of the class's field initialisers, evaluated once for the run. */
  readonly initial: Readonly<Record<string, ArtifactRef>>;
  /** A hash of each initialiser's text: a resume keeps the values of those that have not changed. */
  readonly initialisers?: Readonly<Record<string, string>>;
  readonly options: RunOptions;
  /** Those it was started with. */
  readonly tags: readonly string[];
  /** For a flow with `@project`. */
  readonly project?: ProjectRecord;
  /** The run this one goes on from. */
  readonly origin?: { readonly run: string; readonly step?: string };
  /** A clean-up has taken the run from sight: its id stays taken, and what other runs refer to stays readable. */
  readonly dropped?: DroppedMark;
  /** For a spin of one task of the origin. */
  readonly spin?: SpinRecord;
}

export interface DroppedMark {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The number of the last edit of its tags then: who edits them at the same time wants the run. */
  readonly tagEdit: number;
  /** How many spins its tasks had then. */
  readonly spins: number;
  /** The lease's time then; a run that renews it at the same time is at work after all. */
  readonly renewedAt?: number;
  /** Nobody wanted it: from here on it may lose its records. */
  readonly final: boolean;
}

/** Which task a spin runs again, and on what. */
export interface SpinRecord {
  /** Of the origin: `score/3`. */
  readonly task: TaskRef;
  /** The code as it is now, or as the origin recorded it. */
  readonly code: "today" | "recorded";
  /** Artifacts put in the place of what tasks before handed on, by task and name. */
  readonly handedOn?: Readonly<Record<TaskRef, Readonly<Record<string, ArtifactRef>>>>;
  /** Put in the place of the fan-out's item. */
  readonly item?: ArtifactRef;
}

/** What a resume goes by, if it is not said again. */
export interface RunOptions {
  readonly maxWorkers: number;
  readonly maxNumSplits: number;
  readonly keepGoing: boolean;
  /** `--with`, as given. */
  readonly with: readonly string[];
  /** Bytes of output kept a task. */
  readonly maxLogBytes: number;
  /** `--max-workers` was said: it holds for jobs on other machines too, which are not bounded else. */
  readonly boundsJobs?: boolean;
  /** What jobs on AWS Batch get where no decorator says otherwise. */
  readonly batch?: BatchDefaults;
  /** How code is packed for other machines, where it was said. */
  readonly packaging?: PackagingOptions;
  /** What jobs on Slurm get where no decorator says otherwise. */
  readonly slurm?: SlurmDefaults;
  readonly namespace?: string;
  /** Of the flow's project, as it was said. */
  readonly branch?: string;
  readonly production?: boolean;
}

export interface BatchDefaults {
  readonly queue?: string;
  readonly image?: string;
  /** ARN of the role that the task's code has. */
  readonly jobRole?: string;
  /** ARN of the role that starts the container. */
  readonly executionRole?: string;
}

/** How a flow's code is packed for other machines. */
export interface PackagingOptions {
  /** `--package-suffixes`. */
  readonly suffixes?: readonly string[];
  /** Names of packages that travel as files instead of in the bundle. */
  readonly external?: readonly string[];
  /** What jobs run on: `linux-x64`, `linux-arm64`, `linux-x64-musl`, `linux-arm64-musl`. */
  readonly platform?: string;
}

export interface SlurmDefaults {
  readonly partition?: string;
  readonly account?: string;
  /** Shell lines that every job begins with. */
  readonly setup?: readonly string[];
  /** Node's program on the nodes. */
  readonly node?: string;
  /** The folder that jobs print to when the datastore is in S3, absolute, on a file system that the nodes share. */
  readonly logs?: string;
}

/** Names the code that a run ran. */
export interface CodeRef {
  /** SHA-256 of the code package. */
  readonly hash: string;
  readonly package: ArtifactRef;
  /** The flow's file relative to the project's root. */
  readonly file: string;
  /** The class's export name. */
  readonly exportName: string;
  /** What the run sent to other machines; absent when every step ran at home. */
  readonly remote?: RemoteFlowCode;
}

export interface RunResult {
  readonly format: number;
  readonly status: "done" | "failed" | "interrupted";
  /** Milliseconds since the epoch. */
  readonly finishedAt: number;
  readonly counts: TaskCounts;
  /** The tasks that failed for good: at most the first hundred. */
  readonly failed: readonly { readonly task: TaskRef; readonly attempt: number; readonly failure: Failure }[];
  /** For a failure that is no task's. */
  readonly failure?: Failure;
  /** How many objects the index has, when it holds every attempt of the run. */
  readonly indexSegments?: number;
  /** How many records are in them: one of them may have been replaced by an earlier state of it, which arrived late. */
  readonly indexRecords?: number;
}

export interface TaskCounts {
  readonly done: number;
  readonly failed: number;
  readonly reused: number;
}

/** The finished tasks of earlier runs that a resumed run refers to: one record for all of them. */
export interface ReuseRecord {
  readonly format: number;
  /** Every ref names its run. */
  readonly tasks: TaskRefRanges;
  /** Tasks whose jobs were still at work on other machines when this run began: it waits for them, and takes what they finish. */
  readonly awaited?: TaskRefRanges;
}

/** A run's tags after an edit: all of them. The edit with the highest number counts. */
export interface TagsRecord {
  readonly format: number;
  readonly tags: readonly string[];
  /** Milliseconds since the epoch. */
  readonly editedAt: number;
  readonly user: string;
}

/** Renewed by the scheduler while it lives, so that others can tell a running run from a lost one. */
export interface LeaseRecord {
  readonly format: number;
  readonly host: string;
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly renewedAt: number;
  /** Milliseconds after `renewedAt` until the run counts as lost. */
  readonly validMs: number;
  /** Tasks at work now. */
  readonly running: readonly RunningTask[];
}

export interface RunningTask {
  readonly step: string;
  readonly task: string;
  readonly attempt: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Where its output grows, for `logs --follow`: the backend's own words. */
  readonly output?: JsonValue;
}

export const runStatuses = ["running", "done", "failed", "interrupted", "lost"] as const;

export type RunStatus = (typeof runStatuses)[number];
