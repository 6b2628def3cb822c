import type { TaskOutcome } from "../../core/task-spec.js";
import type { Job } from "./attempt-at-work.js";
import type { TaskProcess } from "./task-process.js";

/** Attempts up to this long are brief: their process would wait for the next one about as long as it works. */
const BRIEF_MS = 5;

interface NextTask {
  readonly job: Job;
  /** The process was asked to leave it. */
  isAskedBack: boolean;
}

/**
 * The tasks that processes were given in advance, at most one each: of steps whose tasks are brief, to processes that
 * are at work on the same step. One that a process was given is the process's until it says that it has left it.
 */
export class NextTasks {
  readonly #given = new Map<TaskProcess, NextTask>();
  readonly #brief = new Set<string>();
  readonly #onLeft: (job: Job) => void;

  /** @param onLeft Gets the jobs that processes have left because they were asked to. */
  constructor(onLeft: (job: Job) => void) {
    this.#onLeft = onLeft;
  }

  /** Learns from an attempt's end whether its step's tasks are brief. */
  learn(step: string, { startedAt, finishedAt }: TaskOutcome): void {
    if (finishedAt - startedAt <= BRIEF_MS) this.#brief.add(step);
    else this.#brief.delete(step);
  }

  /** Whether a process at work on the one job may be given the other in advance. */
  suits(atWork: Job, next: Job): boolean {
    return atWork.spec.step === next.spec.step && this.#brief.has(next.spec.step);
  }

  /** Gives the process a task. It has none yet. */
  give(process: TaskProcess, job: Job): void {
    this.#given.set(process, { job, isAskedBack: false });
    process.advise({ type: "next-task", id: job.id, spec: job.spec });
  }

  /** What the process was given: the task before it has ended. */
  take(process: TaskProcess): Job | undefined {
    const job = this.#given.get(process)?.job;
    if (job !== undefined) this.#given.delete(process);
    return job;
  }

  /** Asks the process to leave what it was given, if it has not begun it. */
  askBack(process: TaskProcess): void {
    const next = this.#given.get(process);
    if (next === undefined || next.isAskedBack) return;
    next.isAskedBack = true;
    process.advise({ type: "no-next-task", id: next.job.id }, () => {
      const job = this.take(process);
      if (job !== undefined) this.#onLeft(job);
    });
  }

  askAllBack(): void {
    for (const process of this.#given.keys()) this.askBack(process);
  }
}
