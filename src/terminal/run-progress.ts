import type { EventTask, RunEvent } from "../core/run-event.js";

/** How far one step is. */
export interface StepProgress {
  readonly name: string;
  /** Tasks known to come, those done included, those reused not. */
  readonly planned: number;
  /** Waiting for a machine elsewhere. */
  readonly queued: number;
  readonly running: number;
  readonly done: number;
  /** Failed for good. */
  readonly failed: number;
  /** Waiting for another attempt. */
  readonly retrying: number;
  readonly reused: number;
  /** When its first task started; milliseconds since the epoch. */
  readonly startedAt: number | undefined;
  /** When its latest task ended. */
  readonly endedAt: number | undefined;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

type RunStarted = Extract<RunEvent, { type: "run-started" }>;
type RunFinished = Extract<RunEvent, { type: "run-finished" }>;

/** A run's state, put together from its events: what every renderer draws. */
export class RunProgress {
  started: RunStarted | undefined;
  finished: RunFinished | undefined;
  /** Steps in the flow's order. */
  readonly steps: ReadonlyMap<string, StepProgress>;
  /** Tasks at work now. */
  running = 0;
  readonly #byName = new Map<string, Mutable<StepProgress>>();
  /** Tasks between a failed attempt and the next. */
  readonly #waiting = new Set<string>();
  readonly #queued = new Set<string>();

  constructor() {
    this.steps = this.#byName;
  }

  apply(event: RunEvent): void {
    switch (event.type) {
      case "run-started":
        this.started = event;
        for (const name of event.steps) this.#step(name);
        break;
      case "tasks-planned":
        this.#step(event.step).planned += event.count;
        break;
      case "tasks-reused":
        this.#step(event.step).reused += event.count;
        break;
      case "task-queued": {
        const step = this.#arrived(event.task);
        this.#queued.add(event.task.pathspec);
        step.queued++;
        if (event.again === true) this.#leftMachine(step);
        break;
      }
      case "task-started": {
        const step = this.#arrived(event.task);
        step.startedAt ??= event.time;
        step.running++;
        this.running++;
        break;
      }
      case "task-done": {
        const step = this.#ended(event.task, event.time);
        step.done++;
        break;
      }
      case "task-failed": {
        const step = this.#ended(event.task, event.time);
        if (event.retryInMs === undefined) step.failed++;
        else {
          step.retrying++;
          this.#waiting.add(event.task.pathspec);
        }
        break;
      }
      case "run-finished":
        this.finished = event;
        break;
      case "task-output":
      case "notice":
      case "spin-compared":
      case "interrupted":
        break;
    }
  }

  /** The task waits no more: neither for its next attempt nor for a machine. */
  #arrived({ step: name, pathspec }: EventTask): Mutable<StepProgress> {
    const step = this.#step(name);
    if (this.#waiting.delete(pathspec)) step.retrying--;
    if (this.#queued.delete(pathspec)) step.queued--;
    return step;
  }

  #ended({ step: name, pathspec }: EventTask, time: number): Mutable<StepProgress> {
    const step = this.#step(name);
    step.endedAt = time;
    // A task that never started (its process could not) ends all the same.
    if (this.#queued.delete(pathspec)) {
      step.queued--;
      return step;
    }
    this.#leftMachine(step);
    return step;
  }

  #leftMachine(step: Mutable<StepProgress>): void {
    if (step.running === 0) return;
    step.running--;
    this.running--;
  }

  #step(name: string): Mutable<StepProgress> {
    let step = this.#byName.get(name);
    if (step === undefined) {
      step = { name, planned: 0, queued: 0, running: 0, done: 0, failed: 0, retrying: 0, reused: 0, startedAt: undefined, endedAt: undefined };
      this.#byName.set(name, step);
    }
    return step;
  }
}

/** Whether a step has one task alone, as far as is known. */
export function hasOneTask({ steps }: RunProgress, name: string): boolean {
  const step = steps.get(name);
  return step !== undefined && knownTasks(step) === 1;
}

/** A step of more tasks than this tells of its progress instead of each start and end. */
export const WIDE = 20;

export function isWide({ steps }: RunProgress, name: string): boolean {
  const step = steps.get(name);
  return step !== undefined && knownTasks(step) > WIDE;
}

/** Tasks of a step that need no more work: done now, or in an earlier run. */
export function finishedTasks(step: StepProgress): number {
  return step.done + step.reused;
}

/** Tasks of a step in all, as far as is known. */
export function knownTasks(step: StepProgress): number {
  return step.reused + Math.max(step.planned, step.done + step.failed + step.queued + step.running + step.retrying);
}
