import type { JobDetail, JobStatus } from "@aws-sdk/client-batch";
import type { JobState } from "../remote/engine.js";
import type { BatchApi } from "./batch-api.js";
import { elementId, parseElementId } from "./job-ids.js";
import { jobState } from "./job-state.js";

const QUEUED: JobState = { phase: "queued" };
const RUNNING: JobState = { phase: "running" };

/**
 * Knows how the elements of an array are, in few requests: AWS counts them by status, and only what the counts say has changed
 * is asked for.
 */
export class ArrayWatch {
  readonly #api: BatchApi;
  readonly #id: string;
  readonly #states: JobState[];
  /** How AWS calls the ends. */
  readonly #ended: Record<"SUCCEEDED" | "FAILED", Set<number>> = { SUCCEEDED: new Set(), FAILED: new Set() };
  #running = new Set<number>();

  constructor(api: BatchApi, id: string, size: number) {
    this.#api = api;
    this.#id = id;
    this.#states = Array.from({ length: size }, () => QUEUED);
  }

  state(index: number): JobState {
    return this.#states[index] ?? { phase: "unknown" };
  }

  get size(): number {
    return this.#states.length;
  }

  /** Ids of the elements that have not ended. */
  get unended(): readonly string[] {
    return this.#states.flatMap(({ phase }, index) => (phase === "ended" ? [] : [elementId({ array: this.#id, index })]));
  }

  /** @param summary What AWS counts. */
  async update(summary: Readonly<Partial<Record<string, number>>>): Promise<void> {
    if ((summary["RUNNING"] ?? 0) !== this.#running.size || this.#isBehind(summary)) await this.#lookAtRunning(summary["RUNNING"] ?? 0);
    for (const status of ["SUCCEEDED", "FAILED"] as const) await this.#lookAtEnded(status, summary[status] ?? 0);
  }

  #isBehind(summary: Readonly<Partial<Record<string, number>>>): boolean {
    return (["SUCCEEDED", "FAILED"] as const).some((status) => (summary[status] ?? 0) > this.#ended[status].size);
  }

  /** Those that ran at the last look and run no more have ended: each is asked for. */
  async #lookAtRunning(count: number): Promise<void> {
    const running = new Set<number>();
    if (count > 0) for await (const index of this.#list("RUNNING")) running.add(index);
    const gone = [...this.#running].filter((index) => !running.has(index));
    for (const index of running) if (this.#states[index]?.phase === "queued") this.#states[index] = RUNNING;
    this.#running = running;
    if (gone.length === 0) return;
    for (const job of (await this.#api.describe(gone.map((index) => elementId({ array: this.#id, index })))).values()) this.#note(job);
  }

  /** Those that were never seen at work. */
  async #lookAtEnded(status: "SUCCEEDED" | "FAILED", count: number): Promise<void> {
    if (this.#ended[status].size >= count) return;
    for await (const job of this.#api.listElements(this.#id, status)) {
      this.#note(job);
      if (this.#ended[status].size >= count) return;
    }
  }

  async *#list(status: JobStatus): AsyncGenerator<number> {
    for await (const { jobId = "" } of this.#api.listElements(this.#id, status)) {
      const index = parseElementId(jobId)?.index;
      if (index !== undefined) yield index;
    }
  }

  #note(job: Parameters<typeof jobState>[0]): void {
    const index = parseElementId(job.jobId ?? "")?.index;
    if (index === undefined || index >= this.#states.length || this.#states[index]?.phase === "ended") return;
    this.#states[index] = jobState(job);
    if (job.status !== "SUCCEEDED" && job.status !== "FAILED") return;
    this.#ended[job.status].add(index);
    this.#running.delete(index);
  }
}

/** How many elements a job has; undefined for a job of its own. */
export function sizeOfArray({ arrayProperties }: JobDetail): number | undefined {
  return arrayProperties?.size;
}
