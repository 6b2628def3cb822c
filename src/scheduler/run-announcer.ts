import type { Clock } from "../core/clock.js";
import { messageOf } from "../core/errors/millrace-error.js";
import { formatPathspec } from "../core/pathspec.js";
import type { RunResult } from "../core/records.js";
import type { EventTask, Reporter } from "../core/run-event.js";
import type { TaskOutcome } from "../core/task-spec.js";
import type { RunStore } from "../datastore/run-store.js";
import type { Task } from "./task.js";

export type DoneOutcome = TaskOutcome & { readonly status: "done" };
export type FailedOutcome = TaskOutcome & { readonly status: "failed" };

/** Tells the reporter what happens in a run, as events. */
export class RunAnnouncer {
  readonly #run: RunStore;
  readonly #clock: Clock;
  readonly #reporter: Reporter;
  #warned = false;
  #toldTrouble = false;

  constructor(run: RunStore, clock: Clock, reporter: Reporter) {
    this.#run = run;
    this.#clock = clock;
    this.#reporter = reporter;
    run.store.onTrouble?.((reason) => this.storeTrouble(reason));
  }

  planned(step: string, count: number): void {
    this.#reporter.report({ type: "tasks-planned", time: this.#clock.now(), step, count });
  }

  /** @param origin The id of the run that is gone on from. */
  reused(step: string, count: number, origin: string): void {
    this.#reporter.report({ type: "tasks-reused", time: this.#clock.now(), step, count, origin: formatPathspec(this.#run.flow, origin) });
  }

  queued(task: EventTask, job: string, where: string, again: boolean): void {
    this.#reporter.report({ type: "task-queued", time: this.#clock.now(), task, job, where, ...(again && { again: true as const }) });
  }

  started(task: EventTask): void {
    this.#reporter.report({ type: "task-started", time: this.#clock.now(), task });
  }

  output(task: EventTask, stream: "stdout" | "stderr", text: string): void {
    this.#reporter.report({ type: "task-output", time: this.#clock.now(), task, stream, text });
  }

  done(task: Task, { startedAt, finishedAt, label, caught }: DoneOutcome): void {
    this.#reporter.report({
      type: "task-done",
      time: this.#clock.now(),
      task: this.nameOf(task, label),
      durationMs: finishedAt - startedAt,
      ...(caught !== undefined && { caught }),
    });
  }

  /** @param retryInMs Undefined when there is no further attempt. */
  failed(task: Task, { startedAt, finishedAt, label, failure }: FailedOutcome, retryInMs: number | undefined): void {
    this.#reporter.report({
      type: "task-failed",
      time: this.#clock.now(),
      task: this.nameOf(task, label),
      durationMs: finishedAt - startedAt,
      failure,
      retriesLeft: retryInMs === undefined ? 0 : task.plan.retry.times - task.attempt,
      ...(retryInMs !== undefined && { retryInMs }),
    });
  }

  interrupted(signal: string, running: number): void {
    this.#reporter.report({ type: "interrupted", time: this.#clock.now(), signal, running });
  }

  /** Tells of a record that could not be written. Once: what is wrong with one is most often wrong with all. */
  warn(code: string, error: unknown): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#reporter.report({ type: "notice", time: this.#clock.now(), level: "warning", code, text: messageOf(error) });
  }

  /** Tells, once, that the datastore does not do as it should, and is asked again. */
  storeTrouble(reason: string): void {
    if (this.#toldTrouble) return;
    this.#toldTrouble = true;
    const text = `${this.#run.store.location} is slow or fails (${reason}). Requests are sent again for a while; this is said once.`;
    this.#reporter.report({ type: "notice", time: this.#clock.now(), level: "warning", code: "datastore-trouble", text });
  }

  finished({ status, finishedAt, counts, failed, failure }: RunResult, next: { readonly resume?: string; readonly results: string }): void {
    const { pathspec, record, store } = this.#run;
    // What comes after the last event is nobody's any more.
    this.#toldTrouble = true;
    this.#reporter.report({
      type: "run-finished",
      time: finishedAt,
      pathspec,
      status,
      durationMs: finishedAt - record.startedAt,
      counts,
      failures: failed.map(({ task, ...rest }) => ({ pathspec: `${pathspec}/${task}`, ...rest })),
      datastore: store.location,
      ...(status !== "done" && next.resume !== undefined && { resume: next.resume }),
      results: next.results,
      ...(failure !== undefined && { failure }),
    });
  }

  /** What events call a task. */
  nameOf({ plan, id, attempt }: Task, label?: string): EventTask {
    const { flow, id: run } = this.#run;
    return { pathspec: formatPathspec(flow, run, plan.name, id), step: plan.name, task: id, attempt, ...(label !== undefined && { label }) };
  }
}
