import type { TaskOutcome } from "../../core/task-spec.js";
import type { Job } from "./attempt-at-work.js";
import type { TaskProcess } from "./task-process.js";

/** Attempts up to this long are brief: their process would wait for the next one about as long as it works. */
const BRIEF_MS = 5;
/** How many a process is given at most: it goes on while the scheduler's process has its turn, also where processors are few. */
const MOST = 4;

/**
 * The tasks that processes were given in advance: of steps whose tasks are brief, to processes that are at work on the
 * same step. What a process was given is the process's until it says that it has left it.
 */
export class NextTasks {
  readonly #given = new Map<TaskProcess, Job[]>();
  readonly #askedBack = new Set<TaskProcess>();
  readonly #brief = new Set<string>();
  readonly #onLeft: (jobs: readonly Job[]) => void;

  /** @param onLeft Gets the jobs that a process has left because it was asked to, in their order. */
  constructor(onLeft: (jobs: readonly Job[]) => void) {
    this.#onLeft = onLeft;
  }

  /** Learns from an attempt's end whether its step's tasks are brief. */
  learn(step: string, { startedAt, finishedAt }: TaskOutcome): void {
    if (finishedAt - startedAt <= BRIEF_MS) this.#brief.add(step);
    else this.#brief.delete(step);
  }

  /**
   * How many of the jobs that wait, the first ones, a process at work on the one job is to be given now.
   * @param processes Among how many processes the jobs are to be shared.
   */
  share(process: TaskProcess, atWork: Job, waiting: readonly Job[], processes: number): number {
    const { step } = atWork.spec;
    if (!this.#brief.has(step) || this.#askedBack.has(process)) return 0;
    const has = this.#given.get(process)?.length ?? 0;
    // Several at once, so that not each costs a message.
    const most = has > MOST / 2 ? 0 : Math.max(1, Math.min(MOST, Math.floor(waiting.length / processes))) - has;
    let count = 0;
    while (count < most && waiting[count]?.spec.step === step) count++;
    return count;
  }

  give(process: TaskProcess, jobs: readonly Job[]): void {
    const given = this.#given.get(process);
    if (given === undefined) this.#given.set(process, [...jobs]);
    else given.push(...jobs);
    process.advise({ type: "next-tasks", specs: jobs.map(({ spec }) => spec) });
  }

  /** The one that the process begins: the task before it has ended. */
  take(process: TaskProcess): Job | undefined {
    return this.#given.get(process)?.shift();
  }

  /** All that the process was given and has not begun: it has left them, or is gone. */
  takeAll(process: TaskProcess): readonly Job[] {
    const jobs = this.#given.get(process) ?? [];
    this.#given.delete(process);
    return jobs;
  }

  /** Asks the process to leave what it was given and has not begun. */
  askBack(process: TaskProcess): void {
    if (this.#askedBack.has(process) || (this.#given.get(process)?.length ?? 0) === 0) return;
    this.#askedBack.add(process);
    process.advise({ type: "no-next-tasks" }, () => {
      this.#askedBack.delete(process);
      this.#onLeft(this.takeAll(process));
    });
  }

  askAllBack(): void {
    for (const process of this.#given.keys()) this.askBack(process);
  }

  /** The process is gone. */
  forget(process: TaskProcess): void {
    this.#given.delete(process);
    this.#askedBack.delete(process);
  }
}
