import { parseSpinId } from "../core/spin-id.js";

/**
 * Every key of the datastore, in one place. docs/datastore.md says the same in words for other tools.
 *
 * ```
 * layout.json                               which layout this is
 * blobs/3f/3f9c…                            content-addressed bytes, shared by all flows (`.br`: brotli)
 * packages/linux-x64/3f9c….json             the archive of packages that were packed for a platform, by lockfile and what is installed
 * flows/Score/12/run.json                   the run: written once, its existence takes the id
 * flows/Score/12/lease.json                 renewed while the scheduler lives
 * flows/Score/12/result.json                how the run ended
 * flows/Score/12/reused.json                the finished tasks of earlier runs it refers to
 * flows/Score/12/tags/000001.json           the run's tags after an edit; run.json has those from its start
 * flows/Score/12/tasks/score/3.json         the task's record: there when the task is done
 * flows/Score/12/tasks/score/3.failed-0.json  an attempt that failed
 * flows/Score/12/logs/score/3.0.log         what attempt 0 printed
 * flows/Score/12/cards/score/3.0.loss.html  the card loss of attempt 0
 * flows/Score/12/jobs/batch/score/3.0.specs what a remote job was told: of the attempt, or of an array's that begin with it
 * flows/Score/12/spins/1/…                  one task run again: its own run.json, result.json, tasks/ and logs/
 * flows/Score/12/index/000000.jsonl         copies of many attempts' records, to read them at once
 * gc/k3v9….json                             a clean-up at work
 * gc/condemned/3f.json                      the blobs below blobs/3f/ that it is about to delete
 * tmp/…                                     objects on their way
 * ```
 */
export const layoutKey = "layout.json";
export const flowsPrefix = "flows/";
export const blobsPrefix = "blobs/";
export const packagesPrefix = "packages/";
export const temporaryPrefix = "tmp/";
export const claimsPrefix = "gc/";
export const condemnedPrefix = `${claimsPrefix}condemned/`;

export const claimKey = (token: string): string => `${claimsPrefix}${token}.json`;
/** The record of what is about to be deleted in a blob's folder. */
export const condemnedKey = (blob: string): string => `${condemnedPrefix}${blob.slice(blobsPrefix.length, blobsPrefix.length + 2)}.json`;

export const packagesKey = (platform: string, key: string): string => `${packagesPrefix}${platform}/${key}.json`;

export const flowPrefix = (flow: string): string => `${flowsPrefix}${flow}/`;
/** A run's own, or, given the id of a spin, the spin's. */
export const runPrefix = (flow: string, run: string): string => {
  const spin = parseSpinId(run);
  return spin === undefined ? `${flowPrefix(flow)}${run}/` : `${spinsPrefix(flow, spin.run)}${spin.number}/`;
};
export const spinsPrefix = (flow: string, run: string): string => `${flowPrefix(flow)}${run}/spins/`;
export const runKey = (flow: string, run: string): string => `${runPrefix(flow, run)}run.json`;
export const leaseKey = (flow: string, run: string): string => `${runPrefix(flow, run)}lease.json`;
export const resultKey = (flow: string, run: string): string => `${runPrefix(flow, run)}result.json`;
export const reusedKey = (flow: string, run: string): string => `${runPrefix(flow, run)}reused.json`;
export const tagsPrefix = (flow: string, run: string): string => `${runPrefix(flow, run)}tags/`;
export const tagsKey = (flow: string, run: string, edit: number): string => `${tagsPrefix(flow, run)}${String(edit).padStart(6, "0")}.json`;
export const tasksPrefix = (flow: string, run: string): string => `${runPrefix(flow, run)}tasks/`;
export const stepPrefix = (flow: string, run: string, step: string): string => `${tasksPrefix(flow, run)}${step}/`;
export const doneKey = (flow: string, run: string, step: string, task: string): string => `${stepPrefix(flow, run, step)}${task}.json`;
export const failedKey = (flow: string, run: string, step: string, task: string, attempt: number): string =>
  `${stepPrefix(flow, run, step)}${task}.failed-${attempt}.json`;
export const logKey = (flow: string, run: string, step: string, task: string, attempt: number): string =>
  `${runPrefix(flow, run)}logs/${step}/${task}.${attempt}.log`;
export const cardsPrefix = (flow: string, run: string, step: string): string => `${runPrefix(flow, run)}cards/${step}/`;
export const cardKey = (flow: string, run: string, step: string, { task, attempt, card }: CardPlace): string =>
  `${cardsPrefix(flow, run, step)}${task}.${attempt}.${card}.html`;
export const jobsPrefix = (flow: string, run: string): string => `${runPrefix(flow, run)}jobs/`;
export const jobSpecsKey = (flow: string, run: string, { engine, step, task, attempt }: JobSpecsPlace): string =>
  `${jobsPrefix(flow, run)}${engine}/${step}/${task}.${attempt}.specs`;
export const indexPrefix = (flow: string, run: string): string => `${runPrefix(flow, run)}index/`;
export const indexKey = (flow: string, run: string, segment: number): string => `${indexPrefix(flow, run)}${String(segment).padStart(6, "0")}.jsonl`;

const RECORD_NAME = /^(.+?)(?:\.failed-(\d+))?\.json$/;

/** What a name below a step's prefix says; undefined for names that are no records. */
export function parseRecordName(name: string): { readonly task: string; readonly failedAttempt?: number } | undefined {
  const match = RECORD_NAME.exec(name);
  if (match?.[1] === undefined) return undefined;
  return match[2] === undefined ? { task: match[1] } : { task: match[1], failedAttempt: Number(match[2]) };
}

const TAGS_NAME = /^(\d{6,})\.json$/;

/** The number of the edit that wrote an object below a run's tags; undefined for names that are none. */
export function parseTagsName(name: string): number | undefined {
  const match = TAGS_NAME.exec(name);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

/** Which card of a step's tasks. */
export interface CardPlace {
  readonly task: string;
  readonly attempt: number;
  /** Its id, else its type. */
  readonly card: string;
}

const CARD_NAME = /^(.+)\.(\d+)\.([\w-]+)\.html$/;

/** What a name below a step's cards says; undefined for names that are no cards. */
export function parseCardName(name: string): CardPlace | undefined {
  const [, task, attempt, card] = CARD_NAME.exec(name) ?? [];
  return task === undefined || card === undefined ? undefined : { task, attempt: Number(attempt), card };
}

/** Which job: that of a task's attempt, or the array that begins with it. */
export interface JobSpecsPlace {
  /** Which engine runs it: `batch`. */
  readonly engine: string;
  readonly step: string;
  readonly task: string;
  readonly attempt: number;
}

const JOB_SPECS_NAME = /^([^/]+)\/([^/]+)\/(.+)\.(\d+)\.specs$/;

/** What a key below a run's jobs says, relative to their prefix; undefined for keys that are no jobs'. */
export function parseJobSpecsKey(key: string): JobSpecsPlace | undefined {
  const [, engine, step, task, attempt] = JOB_SPECS_NAME.exec(key) ?? [];
  return engine === undefined || step === undefined || task === undefined ? undefined : { engine, step, task, attempt: Number(attempt) };
}
