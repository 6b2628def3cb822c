import type { JsonValue } from "./json.js";
import type { StoreAddress } from "./store-address.js";

/** The environment variable in which a job finds its {@link RemoteJob}, as JSON. */
export const JOB_VARIABLE = "MILLRACE_JOB";

/**
 * The environment variable with the id of the process that answers for the job, where there is one beside the task's: an engine's script.
 * The job ends with it: the engine believes that it has.
 */
export const GUARDIAN_VARIABLE = "MILLRACE_JOB_GUARDIAN";

/**
 * The exit code of a start script that could not come as far as the remote entry: no code fetched, none verified, none unpacked.
 * One line on stderr, beginning with `millrace: `, says why.
 */
export const BOOT_EXIT_CODE = 97;

/**
 * The module of the runtime that the start script imports, relative to the unpacked folder. It exports
 * `main(job: RemoteJob, root: string): Promise<void>`; `root` is the unpacked folder, absolute.
 */
export const REMOTE_ENTRY = "node_modules/millrace/dist/remote/entry.js";

/**
 * All that a job on another machine is told: small, for it travels in an environment variable, and some services take
 * 8 KB of these in all. What the job is to do stands in the datastore.
 */
export interface RemoteJob {
  readonly format: 1;
  readonly store: StoreAddress;
  readonly code: RemoteCode;
  readonly flow: string;
  readonly run: string;
  /** The key of the object that has the specs of the job's tasks. */
  readonly tasks: string;
  /** Which of them is this job's, from 0; absent for a job of an array, which finds it in its environment. */
  readonly index?: number;
  /** The variable in which an engine gives each job of an array its number: `AWS_BATCH_JOB_ARRAY_INDEX`. */
  readonly arrayVariable?: string;
  /** The variable in which an engine that starts jobs again by itself says how often it has: `SLURM_RESTART_COUNT`. */
  readonly restartVariable?: string;
  /** Megabytes of heap for the task's process; absent for what its machine says. */
  readonly heapMb?: number;
}

/**
 * A flow's code for machines that have Node and nothing else. Its archives are unpacked into one new folder, the *root*, in
 * which everything stands as it does at home:
 *
 * - `node_modules/millrace/`: the runtime, millrace's own files, which need no other package;
 * - `.flow/flow.mjs` and its source map: the executable bundle, which imports `millrace` from there and shares its one copy;
 * - `node_modules/…`: packages that cannot be bundled;
 * - the project's own files that travel, at their paths: {@link project} is the project's folder in the root (a
 *   project in a workspace has others beside it), {@link cwd} the folder that steps work in.
 */
export interface RemoteCode {
  /** Every one of them is needed, the runtime first; each can be unpacked for itself, in any order. */
  readonly archives: readonly RemoteArchive[];
  /** The executable bundle, relative to the root: what a task process is told to load. */
  readonly bundle: string;
  readonly exportName: string;
  /** The project's folder, relative to the root: `.` or `packages/flows`. */
  readonly project: string;
  /** The folder to work in, relative to the root; the start script makes it and changes to it. */
  readonly cwd: string;
}

/** A tar archive in the datastore, a content-addressed blob. */
export interface RemoteArchive {
  /** Under which the datastore has it. */
  readonly key: string;
  /** SHA-256 (hex) of the archive, before compression. */
  readonly sha256: string;
  /** Bytes of the object, as it is stored. */
  readonly bytes: number;
  /** How the object is compressed; absent when it is not. */
  readonly compression?: "br";
}

/** The code of all steps of a flow, as a run records it. */
export interface RemoteFlowCode extends RemoteCode {
  /** By step: archives that only its jobs need beside the others, with the packages of its `@npm`. */
  readonly stepArchives?: Readonly<Record<string, readonly RemoteArchive[]>>;
}

/** What a job of a step is told of the code. */
export function codeOfStep({ stepArchives, ...code }: RemoteFlowCode, step: string): RemoteCode {
  return { ...code, archives: [...code.archives, ...(stepArchives?.[step] ?? [])] };
}

/** Every archive that a flow's code refers to: what a clean-up keeps with the run. */
export function archivesOf({ archives, stepArchives }: RemoteFlowCode): readonly RemoteArchive[] {
  return [...archives, ...Object.values(stepArchives ?? {}).flat()];
}

/**
 * Reads a job from its variable's text; undefined when it is none of this format. What the text says was written by a scheduler of
 * the same version: the runtime that reads it came with it.
 */
export function parseRemoteJob(text: string): RemoteJob | undefined {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
  return isRemoteJob(value) ? value : undefined;
}

function isRemoteJob(value: unknown): value is RemoteJob {
  if (!isObject(value) || value["format"] !== 1 || !isObject(value["store"])) return false;
  const isNamed = ["flow", "run", "tasks"].every((name) => typeof value[name] === "string");
  const hasPlace = value["index"] === undefined ? typeof value["arrayVariable"] === "string" : Number.isInteger(value["index"]);
  return isNamed && hasPlace && isRemoteCode(value["code"]);
}

function isRemoteCode(value: unknown): value is RemoteCode {
  if (!isObject(value)) return false;
  const isNamed = ["bundle", "exportName", "project", "cwd"].every((name) => typeof value[name] === "string");
  return isNamed && Array.isArray(value["archives"]) && value["archives"].every(isArchive);
}

function isArchive(value: unknown): value is RemoteArchive {
  return isObject(value) && typeof value["key"] === "string" && typeof value["sha256"] === "string" && typeof value["bytes"] === "number";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
