import type { JobDetail } from "@aws-sdk/client-batch";
import { findDecorator, isString, option } from "../../core/definition.js";
import { isMillraceError, MillraceError } from "../../core/errors/millrace-error.js";
import type { JsonValue } from "../../core/json.js";
import type { GraphStep } from "../../core/graph.js";
import { nearestName } from "../../core/nearest-name.js";
import { formatDuration } from "../../core/quantity-text.js";
import type { BatchDefaults, RunRecord } from "../../core/records.js";
import { formatAddress, type StoreAddress } from "../../core/store-address.js";
import type { LogPiece } from "../../datastore/task-log.js";
import type { FoundJob, JobOutput, JobRequest, JobState, RemoteEngine } from "../remote/engine.js";
import { jobNamePrefix } from "../remote/job-name.js";
import { placeOf } from "../step-place.js";
import { ArrayWatch, sizeOfArray } from "./array-watch.js";
import type { BatchApi } from "./batch-api.js";
import type { CloudLogs } from "./cloud-logs.js";
import { jobDefinition, type QueueKind } from "./job-definition.js";
import { elementId, parseElementId } from "./job-ids.js";
import { jobState } from "./job-state.js";

/** What AWS Batch takes. */
const LARGEST_ARRAY = 10_000;
const OVERRIDES_CHARACTERS = 8_192;
const SHORTEST_TIMEOUT_S = 60;
/** What a job gets beyond its attempt's own limit, which ends it with better words. */
const TIMEOUT_MARGIN_S = 120;
/** After so long in the queue, people are told that a job waits, and why. */
const STUCK_MS = 5 * 60_000;
/** AWS ends an array's elements with it, in time; those that live on for so long are ended one by one. */
const ENDING_MS = 5_000;

/** A job that was started: of its own, or an array. */
interface StartedJob {
  readonly step: string;
  readonly queue: string;
  readonly since: number;
  readonly watch: ArrayWatch | undefined;
  /** Its end was asked for: of all of it, or of what has not begun. */
  ending?: { readonly which: "all" | "queued"; readonly reason: string; readonly since: number; isRepeated: boolean };
}

export interface BatchEngineOptions {
  readonly api: BatchApi;
  readonly logs: CloudLogs;
  readonly defaults: BatchDefaults;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** AWS Batch as an engine. */
export class BatchEngine implements RemoteEngine {
  readonly name = "batch";
  readonly title = "AWS Batch";
  readonly arrayVariable = "AWS_BATCH_JOB_ARRAY_INDEX";
  readonly largestArray = LARGEST_ARRAY;
  readonly pollMs = 1_000;
  readonly #api: BatchApi;
  readonly #logs: CloudLogs;
  readonly #defaults: BatchDefaults;
  readonly #now: () => number;
  #region: string | undefined;
  readonly #kinds = new Map<string, QueueKind>();
  /** ARNs by name. */
  readonly #definitions = new Map<string, Promise<string>>();
  /** By the id of the job, or the array. */
  readonly #jobs = new Map<string, StartedJob>();

  constructor({ api, logs, defaults, now = Date.now }: BatchEngineOptions) {
    this.#api = api;
    this.#logs = logs;
    this.#defaults = defaults;
    this.#now = now;
  }

  get requests(): number {
    return this.#api.requests + this.#logs.requests;
  }

  async check(steps: readonly GraphStep[], store: StoreAddress): Promise<void> {
    const names = steps.map(({ name }) => name);
    if (store.kind !== "s3") throw new MillraceError("batch-datastore-local", { steps: names, location: formatAddress(store) });
    const nowhere = steps.filter((step) => this.#queueOf(step) === undefined).map(({ name }) => name);
    if (nowhere.length > 0) throw new MillraceError("batch-queue-missing", { steps: nowhere });
    await this.#checkQueues(new Set(steps.flatMap((step) => this.#queueOf(step) ?? [])));
    // What the machines cannot give is said now, not when the step's turn comes.
    for (const step of steps) this.#define(step, "");
  }

  async #checkQueues(queues: ReadonlySet<string>): Promise<void> {
    const found = await this.#api.queues([...queues]);
    for (const queue of queues) {
      const detail = found.find(({ jobQueueName, jobQueueArn }) => jobQueueName === queue || jobQueueArn === queue);
      if (detail === undefined) throw await this.#unknownQueue(queue);
      const { state = "ENABLED", status = "VALID", statusReason } = detail;
      if (state !== "ENABLED" || status === "INVALID" || status === "DELETING" || status === "DELETED") {
        throw new MillraceError("batch-queue-disabled", { queue, state: state === "ENABLED" ? status : state, reason: statusReason });
      }
      const environments = (detail.computeEnvironmentOrder ?? []).flatMap(({ computeEnvironment }) => computeEnvironment ?? []);
      this.#kinds.set(queue, await this.#kindOf(environments));
    }
  }

  async #unknownQueue(queue: string): Promise<MillraceError> {
    const others = (await this.#api.queues()).flatMap(({ jobQueueName }) => jobQueueName ?? []);
    return new MillraceError("batch-queue-unknown", { queue, region: await this.#api.region, near: nearestName(queue, others) });
  }

  async #kindOf(environments: readonly string[]): Promise<QueueKind> {
    try {
      const details = await this.#api.computeEnvironments(environments);
      return details.some(({ computeResources }) => computeResources?.type?.startsWith("FARGATE") === true) ? "fargate" : "ec2";
    } catch (error) {
      // Who may not look has most likely EC2; if not, AWS says what is wrong with the job.
      if (isMillraceError(error, "batch-denied")) return "ec2";
      throw error;
    }
  }

  #queueOf(step: GraphStep): string | undefined {
    return option(findDecorator(step, "batch"), "queue", isString) ?? this.#defaults.queue;
  }

  #define(step: GraphStep, boot: string): ReturnType<typeof jobDefinition> {
    const queue = this.#queueOf(step) ?? "";
    return jobDefinition({ step, queue, kind: this.#kinds.get(queue) ?? "ec2", defaults: this.#defaults }, boot);
  }

  async submit({ name, step, count, boot, job, timeoutMs }: JobRequest): Promise<readonly string[]> {
    const queue = this.#queueOf(step) ?? "";
    const containerOverrides = { environment: [{ name: "MILLRACE_JOB", value: job }] };
    const characters = JSON.stringify(containerOverrides).length;
    if (characters > OVERRIDES_CHARACTERS)
      throw new MillraceError("batch-job-too-large", { step: step.name, characters, most: OVERRIDES_CHARACTERS });
    const tags = tagsOf(step);
    const id = await this.#api.submit({
      jobName: name,
      jobQueue: queue,
      jobDefinition: await this.#definitionArn(step, boot),
      containerOverrides,
      ...(count > 1 && { arrayProperties: { size: count } }),
      ...(timeoutMs !== undefined && { timeout: { attemptDurationSeconds: outerTimeoutS(timeoutMs) } }),
      ...(tags !== undefined && { tags, propagateTags: true }),
    });
    const watch = count > 1 ? new ArrayWatch(this.#api, id, count) : undefined;
    this.#jobs.set(id, { step: step.name, queue, since: this.#now(), watch });
    return watch === undefined ? [id] : watch.unended;
  }

  #definitionArn(step: GraphStep, boot: string): Promise<string> {
    const definition = this.#define(step, boot);
    const { jobDefinitionName: name } = definition;
    let arn = this.#definitions.get(name);
    if (arn === undefined) {
      arn = this.#api.findDefinition(name).then((found) => found ?? this.#api.registerDefinition(definition));
      this.#definitions.set(name, arn);
      // What failed is tried again with the next job.
      arn.catch(() => this.#definitions.delete(name));
    }
    return arn;
  }

  async states(ids: readonly string[]): Promise<ReadonlyMap<string, JobState>> {
    this.#region ??= await this.#api.region.catch(() => undefined);
    const described = await this.#api.describe([...new Set(ids.map(jobOf))]);
    const states = new Map<string, JobState>();
    for (const [id, detail] of described) {
      const size = sizeOfArray(detail);
      if (size !== undefined && size > 0 && parseElementId(id) === undefined)
        await this.#watchOf(id, size).update(detail.arrayProperties?.statusSummary ?? {});
      else this.#openLog(id, detail);
    }
    for (const id of ids) states.set(id, this.#withNote(id, this.#stateIn(id, described), described.get(jobOf(id))));
    await this.#endStragglers();
    await this.#openLogs(ids.filter((id) => states.get(id)?.phase === "running"));
    for (const [id, state] of states) if (state.phase === "ended") this.#logs.close(id);
    return states;
  }

  #stateIn(id: string, described: ReadonlyMap<string, JobDetail>): JobState {
    const element = parseElementId(id);
    if (element !== undefined) return this.#jobs.get(element.array)?.watch?.state(element.index) ?? { phase: "unknown" };
    const detail = described.get(id);
    return detail === undefined ? { phase: "unknown" } : jobState(detail);
  }

  #watchOf(id: string, size: number): ArrayWatch {
    const known = this.#jobs.get(id)?.watch;
    if (known !== undefined) return known;
    const watch = new ArrayWatch(this.#api, id, size);
    this.#jobs.set(id, { step: "", queue: "", since: this.#now(), watch });
    return watch;
  }

  /** A job that has waited for long: why, as far as AWS says. */
  #withNote(id: string, state: JobState, detail: JobDetail | undefined): JobState {
    const job = this.#jobs.get(jobOf(id));
    if (state.phase !== "queued" || job === undefined || job.step === "" || this.#now() - job.since < STUCK_MS) return state;
    const reason = detail?.statusReason;
    const why =
      reason === undefined || reason === ""
        ? `Can the compute environments of queue ${job.queue} give what the step asks for, and have they room (maxvCpus)?`
        : `AWS says: ${reason}`;
    return { phase: "queued", note: `Jobs of ${job.step} have waited for a machine for ${formatDuration(STUCK_MS)} and longer. ${why}` };
  }

  #openLog(id: string, { container, startedAt, createdAt }: JobDetail): void {
    if (container?.logStreamName !== undefined && container.logStreamName !== null)
      this.#logs.open(id, container.logStreamName, startedAt ?? createdAt ?? 0);
  }

  /** Elements' streams are known when they themselves are described. */
  async #openLogs(running: readonly string[]): Promise<void> {
    const unknown = running.filter((id) => parseElementId(id) !== undefined && !this.#logs.isOpen(id));
    if (unknown.length > 0) for (const [id, detail] of await this.#api.describe(unknown)) this.#openLog(id, detail);
  }

  output(ids: readonly string[]): Promise<readonly JobOutput[]> {
    return this.#logs.read(ids);
  }

  outputPlace(id: string): JsonValue | undefined {
    const cloudWatch = this.#logs.nameOf(id);
    return cloudWatch === undefined || this.#region === undefined ? undefined : { cloudWatch, region: this.#region };
  }

  async log(id: string): Promise<readonly LogPiece[]> {
    const detail = (await this.#api.describe([id])).get(id);
    const stream = detail?.container?.logStreamName;
    return stream === undefined || stream === null ? [] : this.#logs.whole(stream);
  }

  async cancel(ids: readonly string[], which: "all" | "queued", reason: string): Promise<void> {
    const wanted = new Set(ids);
    const whole: string[] = [];
    const single: string[] = [];
    for (const job of new Set(ids.map(jobOf))) {
      const started = this.#jobs.get(job);
      const isWhole = started?.watch?.unended.every((id) => wanted.has(id)) === true || wanted.has(job);
      if (isWhole) whole.push(job);
      else single.push(...ids.filter((id) => jobOf(id) === job));
      if (isWhole && started?.watch !== undefined) started.ending = { which, reason, since: this.#now(), isRepeated: false };
    }
    await this.#end([...whole, ...single], which, reason);
  }

  async #end(ids: readonly string[], which: "all" | "queued", reason: string): Promise<void> {
    if (which === "all") await this.#api.terminate(ids, reason);
    else await this.#api.cancel(ids, reason);
  }

  async #endStragglers(): Promise<void> {
    for (const { watch, ending } of this.#jobs.values()) {
      if (watch === undefined || ending === undefined || ending.isRepeated || this.#now() - ending.since < ENDING_MS) continue;
      ending.isRepeated = true;
      await this.#end(watch.unended, ending.which, ending.reason);
    }
  }

  async find(run: RunRecord, names: readonly string[]): Promise<readonly FoundJob[]> {
    const queues = new Set(run.graph.steps.filter((step) => placeOf(step) === "batch").flatMap((step) => this.#queueOf(step) ?? []));
    const wanted = new Set(names);
    const ids = new Set<string>();
    for (const queue of queues) {
      for await (const { jobId, jobName = "" } of this.#api.listNamed(queue, jobNamePrefix(run))) {
        if (jobId !== undefined && wanted.has(jobName)) ids.add(jobOf(jobId));
      }
    }
    const found: FoundJob[] = [];
    for (const [id, detail] of await this.#api.describe([...ids])) found.push(...(await this.#foundIn(id, detail)));
    return found;
  }

  async #foundIn(id: string, detail: JobDetail): Promise<FoundJob[]> {
    const { jobName: name = "" } = detail;
    const size = sizeOfArray(detail);
    if (size === undefined || size === 0) return [{ id, name, state: jobState(detail) }];
    const watch = this.#watchOf(id, size);
    await watch.update(detail.arrayProperties?.statusSummary ?? {});
    return Array.from({ length: size }, (_, index) => ({ id: elementId({ array: id, index }), name, index, state: watch.state(index) }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#api[Symbol.dispose]();
    this.#logs[Symbol.dispose]();
  }
}

/** The job that an id belongs to: itself, or its array. */
function jobOf(id: string): string {
  return parseElementId(id)?.array ?? id;
}

function outerTimeoutS(timeoutMs: number): number {
  return Math.max(SHORTEST_TIMEOUT_S, Math.ceil(timeoutMs / 1000) + TIMEOUT_MARGIN_S);
}

function tagsOf(step: GraphStep): Record<string, string> | undefined {
  const tags = findDecorator(step, "batch")?.options["tags"];
  if (typeof tags !== "object" || tags === null || Array.isArray(tags)) return undefined;
  return Object.fromEntries(Object.entries(tags).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])));
}
