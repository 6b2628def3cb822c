import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { getHeapStatistics } from "node:v8";
import { messageOf } from "../../core/errors/millrace-error.js";
import type { Failure } from "../../core/failure.js";
import type { GraphStep } from "../../core/graph.js";
import type { StoreAddress, TaskProcessAnswer, TaskProcessRequest } from "../../core/messages.js";
import { LAYOUT_VERSION, type AttemptRecord, type RunningTask } from "../../core/records.js";
import type { TaskOutcome, TaskSpec } from "../../core/task-spec.js";
import type { RunStore } from "../../datastore/run-store.js";
import { formatLog } from "../../datastore/task-log.js";
import type { AttemptListener, Compute } from "../compute.js";
import { deathFailure, type Ending } from "./post-mortem.js";
import { Reaper } from "./reaper.js";
import { heapMb, slotsOf } from "./slots.js";
import { TaskProcess, type ProcessExit } from "./task-process.js";

/** Work that has waited this long for a process is reason to start one more. */
const PATIENCE_MS = 50;
/** How often output of tasks at work is looked at. */
const OUTPUT_POLL_MS = 50;
/** What a task gets between its time limit, which its own process enforces, and the kill. */
const TIMEOUT_GRACE_MS = 250;
/** What stopped tasks get to clean up. */
const STOP_GRACE_MS = 5_000;
/** What idle processes get to leave. */
const DISMISS_MS = 1_000;

interface Job {
  readonly spec: TaskSpec;
  readonly listener: AttemptListener;
  readonly queuedAt: number;
}

interface Busy {
  readonly job: Job;
  readonly startedAt: number;
  ending?: Ending;
  timer?: NodeJS.Timeout;
}

export interface LocalPoolOptions {
  /** The task process's entry file. */
  readonly entry: string;
  readonly cwd: string;
  readonly maxWorkers: number;
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
  readonly #busy = new Map<TaskProcess, Busy>();
  readonly #queue: Job[] = [];
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
  }

  /** Starts a process that is in nobody's hands yet: to load a flow and ask it things. */
  startProcess(): TaskProcess {
    const task = new TaskProcess({
      entry: this.#options.entry,
      folder: this.#folder,
      number: this.#started++,
      cwd: this.#options.cwd,
      heapMb: this.#heapMb,
      reaper: this.#reaper,
    });
    this.#processes.add(task);
    void task.exited.then((exit) => this.#onExit(task, exit));
    return task;
  }

  /** From here on the pool takes tasks of the run. The process, loaded already, is its first. */
  async open(setup: Setup, maxWorkers: number, first: TaskProcess): Promise<void> {
    this.#setup = setup;
    this.#maxWorkers = maxWorkers;
    this.#heapMb = heapMb(setup.run.record.graph, getHeapStatistics().heap_size_limit / 1024 / 1024);
    if (this.#heapMb !== undefined) {
      first.dismiss();
      return;
    }
    const answer = await first.request({ type: "open-run", store: setup.store, run: setup.run.record });
    if (answer?.type === "opened") this.#idle.push(first);
    else first.kill("SIGKILL");
  }

  slotsOf(step: GraphStep): number {
    return slotsOf(step);
  }

  submit(spec: TaskSpec, listener: AttemptListener): void {
    const job = { spec, listener, queuedAt: Date.now() };
    if (this.#stopped) {
      queueMicrotask(() => listener.ended(this.#neverStarted(job)));
      return;
    }
    const process = this.#idle.pop();
    if (process === undefined) {
      this.#queue.push(job);
      this.#considerStart();
    } else this.#assign(process, job);
  }

  running(): readonly RunningTask[] {
    return [...this.#busy].map(([process, { job, startedAt }]) => ({
      step: job.spec.step,
      task: job.spec.task,
      attempt: job.spec.attempt,
      startedAt,
      output: { stdout: process.stdout.path, stderr: process.stderr.path, stdoutStart: process.stdout.taskStart, stderrStart: process.stderr.taskStart },
    }));
  }

  async retryIf(step: string, failure: Failure): Promise<boolean> {
    const process = this.#idle.pop() ?? (await this.#startReady());
    if (process === undefined) return true;
    const answer = await process.request({ type: "retry-if", step, failure });
    if (!process.isGone) this.#free(process);
    return answer?.type === "retry-if" ? answer.retry : true;
  }

  stop(how: "gently" | "at-once"): void {
    this.#stopped = true;
    clearTimeout(this.#patience);
    for (const job of this.#queue.splice(0)) job.listener.ended(this.#neverStarted(job));
    for (const [process, busy] of this.#busy) {
      clearTimeout(busy.timer);
      busy.ending = { kind: "stopped" };
      process.kill(how === "gently" ? "SIGTERM" : "SIGKILL");
      if (how === "gently") busy.timer = setTimeout(() => process.kill("SIGKILL"), STOP_GRACE_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#patience);
    clearInterval(this.#poll);
    const late = setTimeout(() => this.#killAll(), DISMISS_MS);
    for (const [process] of this.#busy) process.kill("SIGKILL");
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
      void this.#startReady().then((process) => {
        if (process !== undefined) this.#free(process);
      });
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
      this.#failQueue(opened);
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
      this.#failQueue({ type: "refused", errors: [], failure: { code: "exited", name: "ProcessNotStarted", message: `A task process could not be started: ${messageOf(error)}.`, frames: [] } });
      return undefined;
    }
  }

  /** The flow loaded once and does not load again: what waits for a process fails, saying why. */
  #failQueue(answer: TaskProcessAnswer | undefined): void {
    if (this.#stopped || this.#busy.size > 0 || this.#starting > 1) return;
    const failure: Failure = (answer?.type === "refused" ? answer.failure : undefined) ?? {
      code: "exited",
      name: "ProcessExited",
      message: "A task process could not load the flow: it ended before it was ready.",
      frames: [],
    };
    const now = Date.now();
    for (const job of this.#queue.splice(0)) job.listener.ended({ status: "failed", failure, startedAt: now, finishedAt: now });
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
    const busy: Busy = { job, startedAt: Date.now() };
    this.#busy.set(process, busy);
    process.stdout.beginTask();
    process.stderr.beginTask();
    this.#poll ??= setInterval(() => this.#showOutput(), OUTPUT_POLL_MS);
    const { timeoutMs } = job.spec;
    if (timeoutMs !== undefined) {
      busy.timer = setTimeout(() => {
        busy.ending = { kind: "timeout", timeoutMs };
        process.kill("SIGKILL");
      }, timeoutMs + TIMEOUT_GRACE_MS);
    }
    job.listener.started();
    process.ask({ type: "run-task", spec: job.spec }, (answer) => this.#onAnswer(process, busy, answer));
  }

  #onAnswer(process: TaskProcess, busy: Busy, answer: TaskProcessAnswer): void {
    if (answer.type !== "task-ended") {
      // The attempt could not even be begun: the process goes, and its autopsy tells.
      busy.ending = { kind: "refused", failure: answer.type === "refused" ? answer.failure : undefined };
      process.kill("SIGKILL");
      return;
    }
    if (answer.printed) this.#showOutputOf(process, busy);
    this.#endJob(process, busy);
    if (answer.retire !== undefined) process.kill("SIGKILL");
    else this.#free(process);
    busy.job.listener.ended(answer.outcome);
    if (answer.retire !== undefined) this.#considerStart();
  }

  #endJob(process: TaskProcess, busy: Busy): void {
    clearTimeout(busy.timer);
    this.#busy.delete(process);
    if (this.#busy.size === 0 && this.#queue.length === 0) {
      clearInterval(this.#poll);
      this.#poll = undefined;
    }
  }

  #onExit(process: TaskProcess, exit: ProcessExit): void {
    this.#processes.delete(process);
    const idle = this.#idle.indexOf(process);
    if (idle >= 0) this.#idle.splice(idle, 1);
    const busy = this.#busy.get(process);
    if (busy !== undefined) {
      this.#showOutputOf(process, busy);
      this.#endJob(process, busy);
      busy.job.listener.ended(this.#autopsy(process, busy, exit));
    }
    process.closeOutput();
    this.#considerStart();
  }

  /** The process ended in the middle of a task: its record may be there all the same, else one is written for it. */
  #autopsy(process: TaskProcess, busy: Busy, exit: ProcessExit): TaskOutcome {
    const { spec } = busy.job;
    const finishedAt = Date.now();
    const times = { startedAt: busy.startedAt, finishedAt };
    const run = this.#setup?.run;
    const output = { stdout: process.stdout.readTask(spec.maxLogBytes / 2), stderr: process.stderr.readTask(spec.maxLogBytes / 2) };
    const failure = deathFailure({ exit, ending: busy.ending, stderr: Buffer.from(output.stderr.bytes).toString("utf8"), step: spec.step });
    try {
      const done = run?.doneSync(spec.step, spec.task);
      if (done?.next !== undefined) return { status: "done", transition: done.next, ...times, record: JSON.stringify(done) };
      const log = formatLog([
        { time: finishedAt, stream: "stdout", bytes: output.stdout.bytes },
        { time: finishedAt, stream: "stderr", bytes: output.stderr.bytes },
      ]);
      if (log.length > 0) run?.writeLogSync(spec.step, spec.task, spec.attempt, log);
      if (busy.ending?.kind !== "stopped" && run !== undefined) {
        const record = this.#failedRecord(spec, times, failure, process.pid, { stdout: output.stdout.bytes.length, stderr: output.stderr.bytes.length });
        const json = JSON.stringify(record);
        run.writeAttemptSync(record, json);
        return { status: "failed", failure, ...times, record: json };
      }
    } catch {
      // The store fails too: the outcome below is told all the same.
    }
    return { status: "failed", failure, ...times };
  }

  #failedRecord(
    spec: TaskSpec,
    times: { readonly startedAt: number; readonly finishedAt: number },
    failure: Failure,
    pid: number,
    printed: { readonly stdout: number; readonly stderr: number },
  ): AttemptRecord {
    return {
      format: LAYOUT_VERSION,
      flow: spec.flow,
      run: spec.run,
      step: spec.step,
      task: spec.task,
      attempt: spec.attempt,
      status: "failed",
      ...times,
      host: hostname(),
      pid,
      parents: spec.parents,
      ...(spec.foreach.length > 0 && { foreach: spec.foreach }),
      artifacts: {},
      inherited: {},
      failure,
      ...(printed.stdout + printed.stderr > 0 && { log: { stdoutBytes: printed.stdout, stderrBytes: printed.stderr } }),
    };
  }

  #neverStarted(job: Job): TaskOutcome {
    return {
      status: "failed",
      failure: deathFailure({ exit: { code: null, signal: null }, ending: { kind: "stopped" }, stderr: "", step: job.spec.step }),
      startedAt: job.queuedAt,
      finishedAt: job.queuedAt,
    };
  }

  #showOutput(): void {
    for (const [process, busy] of this.#busy) this.#showOutputOf(process, busy);
  }

  #showOutputOf(process: TaskProcess, busy: Busy): void {
    const stdout = process.stdout.readNew();
    if (stdout !== "") busy.job.listener.output("stdout", stdout);
    const stderr = process.stderr.readNew();
    if (stderr !== "") busy.job.listener.output("stderr", stderr);
  }
}
