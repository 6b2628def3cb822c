import type { TaskOutcome } from "../../core/task-spec.js";
import type { Job } from "./attempt-at-work.js";
import type { TaskProcess } from "./task-process.js";

/** Attempts up to this long are brief: their process would wait for the next one about as long as it works. */
const BRIEF_MS = 5;
/** A process that gets round to its next task later than this leaves it: another may be free for it. */
const BEGIN_WITHIN_MS = 100;
/** After this much more time it is sure that the process leaves it. Both sides read the same clock. */
const SURE_AFTER_MS = 100;

/** A task that a process was given before it was done with the one at work. */
export interface NextTask {
  readonly job: Job;
  /** Milliseconds since the epoch. */
  readonly beginBefore: number;
  /** It is not to begin any more. */
  readonly isWithdrawn: boolean;
}

/**
 * The tasks that processes were given in advance, at most one each: of steps whose tasks are brief, to processes that
 * are at work on the same step.
 */
export class NextTasks {
  readonly #given = new Map<TaskProcess, NextTask>();
  readonly #brief = new Set<string>();
  #isOff = false;

  /** Learns from an attempt's end whether its step's tasks are brief. */
  learn(step: string, { startedAt, finishedAt }: TaskOutcome): void {
    if (finishedAt - startedAt <= BRIEF_MS) this.#brief.add(step);
    else this.#brief.delete(step);
  }

  /** Whether a process at work on the one job may be given the other in advance. */
  suits(atWork: Job, next: Job): boolean {
    return !this.#isOff && atWork.spec.step === next.spec.step && this.#brief.has(next.spec.step);
  }

  give(process: TaskProcess, job: Job): void {
    const beginBefore = Date.now() + BEGIN_WITHIN_MS;
    this.#given.set(process, { job, beginBefore, isWithdrawn: false });
    process.advise({ type: "next-task", spec: job.spec, beginBefore });
  }

  /** What the process was given: the task before it has ended. */
  take(process: TaskProcess): NextTask | undefined {
    const next = this.#given.get(process);
    if (next !== undefined) this.#given.delete(process);
    return next;
  }

  /** Takes what processes have not begun in time and will not begin: a long task came before it. */
  takeLate(): readonly NextTask[] {
    const sureBefore = Date.now() - SURE_AFTER_MS;
    return [...this.#given].filter(([, { beginBefore }]) => beginBefore < sureBefore).flatMap(([process]) => this.take(process) ?? []);
  }

  /** Nothing is given in advance any more; processes leave what they have not begun, and their next answers tell. */
  withdraw(): void {
    this.#isOff = true;
    for (const [process, next] of this.#given) {
      this.#given.set(process, { ...next, isWithdrawn: true });
      process.advise({ type: "no-next-task" });
    }
  }
}
