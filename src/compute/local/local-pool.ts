import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { getHeapStatistics } from "node:v8";
import type { Environment } from "../../config/environment.js";
import { messageOf } from "../../core/errors/millrace-error.js";
import type { Failure } from "../../core/failure.js";
import type { GraphStep } from "../../core/graph.js";
import type { TaskProcessAnswer, TaskProcessRequest } from "../../core/messages.js";
import type { StoreAddress } from "../../core/store-address.js";
import type { RunningTask } from "../../core/records.js";
import type { TaskSpec } from "../../core/task-spec.js";
import type { RunStore } from "../../datastore/run-store.js";
import type { AttemptListener, Compute } from "../compute.js";
import { AttemptAtWork, type Job } from "./attempt-at-work.js";
import { notReadyFailure } from "./death-failure.js";
import { NextTasks } from "./next-tasks.js";
import { Reaper } from "./reaper.js";
import { heapMb, slotsOf } from "./slots.js";
import { TaskProcess, type ProcessExit } from "./task-process.js";

/** Work that has waited this long for a process is reason to start one more. */
const PATIENCE_MS = 50;
/** How often tasks at work are looked at: what they print, and how long they take. */
const POLL_MS = 50;
/** What idle processes get to leave. */
const DISMISS_MS = 1_000;

export interface LocalPoolOptions {
  /** The task process's entry file. */
  readonly entry: string;
  readonly cwd: string;
  /** What task processes find in their environment. */
  readonly env: Environment;
  readonly maxWorkers: number;
  /** Megabytes of heap for every process; absent for the most that a step of the run asks for. */
  readonly heapMb?: number;
}

/** What every process is told before it takes tasks. */
interface Setup {
  readonly load: TaskProcessRequest & { readonly type: "load" };
  readonly run: RunStore;
  readonly store: StoreAddress;
}

/**
 * The pool of warm processes on this machine. The first one is started before the run is there, to load the flow and
 * tell what it is; more come while work waits, up to the run's `--max-workers`. A process that saw a failure or holds
 * on to something is replaced.
 */
export class LocalPool implements Compute {
  readonly #options: LocalPoolOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), "millrace-"));
  readonly #reaper = new Reaper(this.#folder);
  readonly #processes = new Set<TaskProcess>();
  readonly #idle: TaskProcess[] = [];
  readonly #atWork = new Map<TaskProcess, AttemptAtWork>();
  readonly #queue: Job[] = [];
  readonly #next = new NextTasks((jobs) => this.#putBack(jobs));
  #submitted = 0;
  #submittedAtWithdrawal = 0;
  #starting = 0;
  #started = 0;
  #setup: Setup | undefined;
  #maxWorkers: number;
  #heapMb: number | undefined;
  #patience: NodeJS.Timeout | undefined;
  #poll: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: LocalPoolOptions) {
    this.#options = options;
    this.#maxWorkers = options.maxWorkers;
    this.#heapMb = options.heapMb;
  }

  /** Starts a process that is in nobody's hands yet: to load a flow and ask it things. */
  startProcess(): TaskProcess {
    const task = new TaskProcess({
      entry: this.#options.entry,
      folder: this.#folder,
      number: this.#started++,
      cwd: this.#options.cwd,
      env: this.#options.env,
      heapMb: this.#heapMb,
      reaper: this.#reaper,
    });
    this.#processes.add(task);
    void task.exited.then((exit) => this.#onExit(task, exit));
    return task;
  }

  /** From here on the pool takes tasks of the run. The process, if it is given one that is loaded already, is its first. */
  async open(setup: Setup, maxWorkers: number, first?: TaskProcess): Promise<void> {
    this.#setup = setup;
    this.#maxWorkers = maxWorkers;
    const heapOfFirst = this.#heapMb;
    this.#heapMb ??= heapMb(setup.run.record.graph, getHeapStatistics().heap_size_limit / 1024 / 1024);
    if (first === undefined) return;
    if (this.#heapMb !== heapOfFirst) {
      first.dismiss();
      return;
    }
    const answer = await first.request({ type: "open-run", store: setup.store, run: setup.run.record });
    if (answer?.type === "opened") this.#idle.push(first);
    else first.kill("SIGKILL");
    // The work for a second one is a step away.
    if (setup.run.record.graph.steps.some(({ kind }) => kind === "foreach" || kind === "split") && Math.min(maxWorkers, availableParallelism()) > 1)
      this.#startOneMore();
  }

  slotsOf(step: GraphStep): number {
    return slotsOf(step);
  }

  submit(spec: TaskSpec, listener: AttemptListener): void {
    const job = { id: this.#submitted++, spec, listener, queuedAt: Date.now() };
    if (this.#stopped) {
      queueMicrotask(() => listener.withdrawn());
      return;
    }
    const process = this.#idle.pop();
    if (process === undefined) {
      this.#queue.push(job);
      this.#considerStart();
    } else this.#assign(process, job);
  }

  running(): readonly RunningTask[] {
    return [...this.#atWork.values()].map((work) => work.runningTask);
  }

  async retryIf(step: string, failure: Failure): Promise<boolean> {
    const process = this.#idle.pop() ?? (await this.#startReady());
    if (process === undefined) return true;
    const answer = await process.request({ type: "retry-if", step, failure });
    if (!process.isGone) this.#free(process);
    return answer?.type === "retry-if" ? answer.retry : true;
  }

  withdraw(): void {
    this.#submittedAtWithdrawal = this.#submitted;
    this.#next.askAllBack();
    for (const { listener } of this.#queue.splice(0)) listener.withdrawn();
  }

  stop(how: "gently" | "at-once"): void {
    this.#stopped = true;
    clearTimeout(this.#patience);
    this.withdraw();
    for (const work of this.#atWork.values()) work.stop(how);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#patience);
    clearInterval(this.#poll);
    const late = setTimeout(() => this.#killAll(), DISMISS_MS);
    for (const work of this.#atWork.values()) work.stop("at-once");
    for (const process of this.#processes) process.dismiss();
    await Promise.all([...this.#processes].map((process) => process.exited));
    clearTimeout(late);
    this.#reaper.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #killAll(): void {
    for (const process of this.#processes) process.kill("SIGKILL");
  }

  /** One more process, if work waits for one: at once while there are processors to spare, else when it has waited a while. */
  #considerStart(): void {
    if (this.#stopped || this.#setup === undefined || this.#queue.length <= this.#starting) return;
    const count = this.#processes.size;
    if (count >= this.#maxWorkers) return;
    const oldest = this.#queue[0];
    const waitedMs = oldest === undefined ? 0 : Date.now() - oldest.queuedAt;
    const cores = availableParallelism();
    if (count < cores || (waitedMs >= PATIENCE_MS && this.#starting < cores)) {
      this.#startOneMore();
      this.#considerStart();
      return;
    }
    this.#patience ??= setTimeout(
      () => {
        this.#patience = undefined;
        this.#considerStart();
      },
      Math.max(1, PATIENCE_MS - waitedMs),
    );
  }

  #startOneMore(): void {
    void this.#startReady().then((process) => {
      if (process !== undefined) this.#free(process);
    });
  }

  /** A new process that has the flow and the run; undefined when it could not be made ready. */
  async #startReady(): Promise<TaskProcess | undefined> {
    const setup = this.#setup;
    if (setup === undefined) return undefined;
    this.#starting++;
    try {
      const process = this.#fork();
      if (process === undefined) return undefined;
      const loaded = await process.request({ ...setup.load, describe: false });
      const opened = loaded?.type === "loaded" ? await process.request({ type: "open-run", store: setup.store, run: setup.run.record }) : loaded;
      if (opened?.type === "opened") return process;
      process.kill("SIGKILL");
      this.#failQueue(
        (opened?.type === "refused" ? opened.failure : undefined) ??
          notReadyFailure("A task process could not load the flow: it ended before it was ready."),
      );
      return undefined;
    } finally {
      this.#starting--;
    }
  }

  /** The system may refuse one more process. The work waits for those that are there; if there are none, it fails. */
  #fork(): TaskProcess | undefined {
    try {
      return this.startProcess();
    } catch (error) {
      this.#failQueue(notReadyFailure(`A task process could not be started: ${messageOf(error)}.`));
      return undefined;
    }
  }

  /** The flow loaded once and does not load again: what waits for a process fails, saying why, unless some process is left. */
  #failQueue(failure: Failure): void {
    if (this.#stopped || this.#atWork.size > 0 || this.#starting > 1) return;
    for (const job of this.#queue.splice(0)) tellFailure(job, failure);
  }

  #free(process: TaskProcess): void {
    if (this.#stopped || process.isGone) {
      process.dismiss();
      return;
    }
    const job = this.#queue.shift();
    if (job === undefined) this.#idle.push(process);
    else this.#assign(process, job);
  }

  #assign(process: TaskProcess, job: Job): void {
    const run = this.#setup?.run;
    if (run === undefined) throw new Error("the pool was given a task before its run");
    const work = new AttemptAtWork(job, process, run);
    this.#atWork.set(process, work);
    this.#poll ??= setInterval(() => this.#look(), POLL_MS);
    work.begin((answer) => this.#onAnswer(process, work, answer));
    this.#giveNext(process, job);
  }

  #giveNext(process: TaskProcess, atWork: Job): void {
    const count = this.#next.share(process, atWork, this.#queue, this.#processes.size);
    if (count > 0) this.#next.give(process, this.#queue.splice(0, count));
  }

  /** The process begins the first of the tasks that it was given in advance. */
  #goOn(process: TaskProcess, job: Job): void {
    const run = this.#setup?.run;
    if (run === undefined) return;
    const work = new AttemptAtWork(job, process, run);
    this.#atWork.set(process, work);
    work.goOn((answer) => this.#onAnswer(process, work, answer));
    if (this.#stopped) work.stop("gently");
    this.#giveNext(process, job);
  }

  /** The process did not begin what it was given in advance. */
  #putBack(jobs: readonly Job[]): void {
    const isWanted = ({ id }: Job): boolean => !this.#stopped && id >= this.#submittedAtWithdrawal;
    this.#queue.unshift(...jobs.filter(isWanted));
    for (const idle of this.#idle.splice(0)) this.#free(idle);
    this.#considerStart();
    for (const job of jobs) if (!isWanted(job)) job.listener.withdrawn();
  }

  #onAnswer(process: TaskProcess, work: AttemptAtWork, answer: TaskProcessAnswer): void {
    if (answer.type !== "task-ended") {
      work.refuse(answer);
      return;
    }
    if (answer.printed) work.showRest();
    if (answer.trouble !== undefined) work.job.listener.trouble?.(answer.trouble);
    this.#next.learn(work.job.spec.step, answer.outcome);
    this.#end(process, work);
    const next = answer.next === "left" ? undefined : this.#next.take(process);
    if (next !== undefined) this.#goOn(process, next);
    else {
      this.#putBack(this.#next.takeAll(process));
      if (answer.retire !== undefined) process.kill("SIGKILL");
      else this.#free(process);
    }
    work.job.listener.ended(answer.outcome);
    if (answer.retire !== undefined) this.#considerStart();
  }

  #end(process: TaskProcess, work: AttemptAtWork): void {
    work.end();
    this.#atWork.delete(process);
    if (this.#atWork.size === 0 && this.#queue.length === 0) {
      clearInterval(this.#poll);
      this.#poll = undefined;
    }
  }

  #onExit(process: TaskProcess, exit: ProcessExit): void {
    this.#processes.delete(process);
    const idle = this.#idle.indexOf(process);
    if (idle >= 0) this.#idle.splice(idle, 1);
    const work = this.#atWork.get(process);
    this.#putBack(this.#next.takeAll(process));
    this.#next.forget(process);
    if (work !== undefined) {
      this.#end(process, work);
      if (work.wasLostOnTheWay) this.#queue.unshift(work.job);
      else work.tellDeath(exit);
    }
    process.closeOutput();
    this.#considerStart();
  }

  #look(): void {
    for (const [process, work] of this.#atWork) {
      work.showOutput();
      // The task was to be brief: its next one had better run elsewhere.
      if (work.tookMs >= POLL_MS) this.#next.askBack(process);
    }
  }
}

/** The end of an attempt that no process has begun. */
function tellFailure({ listener, queuedAt }: Job, failure: Failure): void {
  listener.ended({ status: "failed", failure, startedAt: queuedAt, finishedAt: Date.now() });
}
