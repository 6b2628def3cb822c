import type { RunningTask } from "../../core/records.js";
import type { TaskProcessAnswer } from "../../core/messages.js";
import type { MaskedStream } from "../../core/secret-mask.js";
import type { TaskSpec } from "../../core/task-spec.js";
import type { RunStore } from "../../datastore/run-store.js";
import type { AttemptListener } from "../compute.js";
import { autopsy } from "./autopsy.js";
import type { Ending } from "./death-failure.js";
import type { ProcessExit, TaskProcess } from "./task-process.js";

/** What a task gets between its time limit, which its own process enforces, and the kill. */
const TIMEOUT_GRACE_MS = 250;
/** What stopped tasks get to clean up. */
const STOP_GRACE_MS = 5_000;

/** An attempt that was submitted. */
export interface Job {
  /** Counts what was submitted. */
  readonly id: number;
  readonly spec: TaskSpec;
  readonly listener: AttemptListener;
  /** Milliseconds since the epoch. */
  readonly queuedAt: number;
}

/** An attempt in the hands of a process: its output, its time limit, and its end if the process does not tell. */
export class AttemptAtWork {
  readonly job: Job;
  readonly #process: TaskProcess;
  readonly #run: RunStore;
  readonly #startedAt = Date.now();
  #begun = false;
  #ending: Ending | undefined;
  #masked: Record<"stdout" | "stderr", MaskedStream> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(job: Job, process: TaskProcess, run: RunStore) {
    this.job = job;
    this.#process = process;
    this.#run = run;
    process.forgetSecrets();
  }

  /** Gives the task to the process. */
  begin(answered: (answer: TaskProcessAnswer) => void): void {
    const { spec, listener } = this.job;
    this.#process.stdout.beginTask();
    this.#process.stderr.beginTask();
    this.#limitTime();
    this.#process.ask({ type: "run-task", spec }, answered, () => {
      this.#begun = true;
      listener.started();
    });
  }

  /** The process has the task already, and begins it after one that printed nothing. */
  goOn(answered: (answer: TaskProcessAnswer) => void): void {
    this.#begun = true;
    this.#limitTime();
    this.#process.expect(answered);
    this.job.listener.started();
  }

  #limitTime(): void {
    const { timeoutMs } = this.job.spec;
    if (timeoutMs === undefined) return;
    this.#timer = setTimeout(() => this.#kill({ kind: "timeout", timeoutMs }), timeoutMs + TIMEOUT_GRACE_MS);
  }

  /** The task has taken this long, milliseconds. */
  get tookMs(): number {
    return Date.now() - this.#startedAt;
  }

  /** The process was gone before it got the task, which another one can run. */
  get wasLostOnTheWay(): boolean {
    return !this.#begun && this.#ending === undefined;
  }

  /** For the run's lease. */
  get runningTask(): RunningTask {
    const { step, task, attempt } = this.job.spec;
    const { stdout, stderr } = this.#process;
    const output = { stdout: stdout.path, stderr: stderr.path, stdoutStart: stdout.taskStart, stderrStart: stderr.taskStart };
    // Others would read the files as they are, secrets and all.
    return { step, task, attempt, startedAt: this.#startedAt, ...(!this.job.spec.hasSecrets && { output }) };
  }

  /** Tells what the task has printed since the last time. */
  showOutput(): void {
    const { spec } = this.job;
    // Until the process has told its secrets, nobody can say what to hide.
    if (spec.hasSecrets && this.#process.mask === undefined) return;
    for (const stream of ["stdout", "stderr"] as const) this.#show(stream, this.#process[stream].readNew());
  }

  #show(stream: "stdout" | "stderr", text: string): void {
    const { mask } = this.#process;
    if (mask !== undefined) this.#masked ??= { stdout: mask.stream(), stderr: mask.stream() };
    const shown = this.#masked?.[stream].push(text) ?? text;
    if (shown !== "") this.job.listener.output(stream, shown);
  }

  /** Tells the last of what the task has printed. */
  showRest(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      for (const text of this.#process[stream].readRest()) this.#show(stream, text);
      const held = this.#masked?.[stream].end() ?? "";
      if (held !== "") this.job.listener.output(stream, held);
    }
  }

  stop(how: "gently" | "at-once"): void {
    clearTimeout(this.#timer);
    if (how === "at-once") {
      this.#kill({ kind: "stopped" });
      return;
    }
    this.#ending = { kind: "stopped" };
    this.#process.kill("SIGTERM");
    this.#timer = setTimeout(() => this.#process.kill("SIGKILL"), STOP_GRACE_MS);
  }

  /** The process could not begin the attempt: it goes, and what it answered is the attempt's end. */
  refuse(answer: TaskProcessAnswer): void {
    this.#kill({ kind: "refused", failure: answer.type === "refused" ? answer.failure : undefined });
  }

  #kill(ending: Ending): void {
    this.#ending = ending;
    this.#process.kill("SIGKILL");
  }

  /** The attempt is over. */
  end(): void {
    clearTimeout(this.#timer);
  }

  /** Tells how the attempt ended, now that the process cannot. */
  tellDeath(exit: ProcessExit): void {
    const { spec, listener } = this.job;
    this.showRest();
    const dead = { run: this.#run, spec, process: this.#process, exit, ending: this.#ending, startedAt: this.#startedAt };
    void autopsy(dead).then((outcome) => listener.ended(outcome));
  }
}
