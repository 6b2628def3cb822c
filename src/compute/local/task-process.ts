import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { Environment } from "../../config/environment.js";
import { SecretMask } from "../../core/secret-mask.js";
import type { TaskProcessAdvice, TaskProcessAnswer, TaskProcessRequest } from "../../core/messages.js";
import { memoryKills } from "./memory-kills.js";
import { OutputFile } from "./output-file.js";
import type { Reaper } from "./reaper.js";

export interface TaskProcessOptions {
  /** The task process's entry file. */
  readonly entry: string;
  /** Where its output files go. */
  readonly folder: string;
  readonly number: number;
  readonly cwd: string;
  readonly env: Environment;
  /** Megabytes of heap; undefined for Node's default. */
  readonly heapMb: number | undefined;
  readonly reaper: Reaper;
}

/** How a process ended. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The system killed it, or another of its control group, because memory had run out. */
  readonly isOutOfMemory?: boolean;
}

/**
 * One warm task process: forked once, it loads the flow once and runs task after task. It leads a process group of its
 * own, so that what a step started ends with it, and Ctrl-C reaches the scheduler alone.
 */
export class TaskProcess {
  readonly stdout: OutputFile;
  readonly stderr: OutputFile;
  readonly exited: Promise<ProcessExit>;
  readonly pid: number;
  readonly #child: ChildProcess;
  #answer: ((answer: TaskProcessAnswer) => void) | undefined;
  #left: () => void = () => {};
  #gone = false;
  #lastWords = "";
  #mask: SecretMask | undefined;

  constructor(options: TaskProcessOptions) {
    const killsBefore = memoryKills();
    this.stdout = new OutputFile(join(options.folder, `${options.number}.out`));
    this.stderr = new OutputFile(join(options.folder, `${options.number}.err`));
    this.#child = fork(options.entry, [], {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      // Flags such as --inspect are the scheduler's own.
      execArgv: options.heapMb === undefined ? [] : [`--max-old-space-size=${options.heapMb}`],
      serialization: "json",
      stdio: ["ignore", this.stdout.writeFd, this.stderr.writeFd, "ipc"],
    });
    this.pid = this.#child.pid ?? 0;
    if (this.pid > 0) options.reaper.add(this.pid);
    this.#child.on("message", (message) => {
      if (!isAnswer(message)) return;
      if (message.type === "next-tasks-left") {
        this.#left();
        return;
      }
      if (message.type === "secrets") {
        this.#mask = new SecretMask(message.values);
        return;
      }
      const waiting = this.#answer;
      this.#answer = undefined;
      waiting?.(message);
    });
    this.exited = new Promise((resolve) => {
      const end = (exit: ProcessExit): void => {
        if (this.#gone) return;
        this.#gone = true;
        this.#killGroup("SIGKILL");
        if (this.pid > 0) options.reaper.remove(this.pid);
        resolve(exit);
      };
      this.#child.once("exit", (code, signal) => {
        // Its last words may still be on the way.
        const exit = { code, signal, isOutOfMemory: signal === "SIGKILL" && memoryKills() > killsBefore };
        if (this.#child.connected) this.#child.once("disconnect", () => end(exit));
        else end(exit);
      });
      this.#child.once("error", () => {
        if (this.#child.pid === undefined) end({ code: null, signal: null });
      });
    });
  }

  get isGone(): boolean {
    return this.#gone;
  }

  /**
   * Sends a request; the answer goes to the callback, unless the process ends first. One request at a time.
   * @param sent Called when the process has the request: not when it was gone by then.
   */
  ask(request: TaskProcessRequest, answered: (answer: TaskProcessAnswer) => void, sent?: () => void): void {
    this.#answer = answered;
    if (!this.#child.connected) return;
    this.#child.send(request, (error) => {
      if (error === null) sent?.();
    });
  }

  /** Hides the secrets of the task at work; undefined when none have been told since {@link forgetSecrets}. */
  get mask(): SecretMask | undefined {
    return this.#mask;
  }

  /** Another task begins, whose secrets are its own. */
  forgetSecrets(): void {
    this.#mask = undefined;
  }

  /** Waits for the answer to a task that the process was given by {@link advise}. */
  expect(answered: (answer: TaskProcessAnswer) => void): void {
    this.#answer = answered;
  }

  /** @param left Called when the process answers that it has left its next tasks. */
  advise(advice: TaskProcessAdvice, left?: () => void): void {
    if (left !== undefined) this.#left = left;
    // A process that is gone is noticed by its exit.
    if (this.#child.connected) this.#child.send(advice, () => {});
  }

  /** As {@link ask}; undefined when the process ended instead of answering. */
  async request(request: TaskProcessRequest): Promise<TaskProcessAnswer | undefined> {
    return Promise.race([new Promise<TaskProcessAnswer>((resolve) => this.ask(request, resolve)), this.exited.then(() => undefined)]);
  }

  /** Signals the process and all it started. */
  kill(signal: "SIGTERM" | "SIGKILL"): void {
    if (!this.#gone) this.#killGroup(signal);
  }

  #killGroup(signal: NodeJS.Signals): void {
    if (this.pid === 0) return;
    try {
      if (process.platform === "win32") this.#child.kill(signal);
      else process.kill(-this.pid, signal);
    } catch {
      // The group is gone already.
    }
  }

  /** Lets an idle process go. */
  dismiss(): void {
    if (this.#child.connected) this.#child.disconnect();
    else this.kill("SIGKILL");
  }

  /** What the process printed that nobody has read yet, up to its end. */
  get lastWords(): string {
    return this.#lastWords;
  }

  closeOutput(): void {
    this.#lastWords = [...this.stdout.readRest(), ...this.stderr.readRest()].join("");
    this.stdout[Symbol.dispose]();
    this.stderr[Symbol.dispose]();
  }
}

/** User code may send messages of its own. */
function isAnswer(message: unknown): message is TaskProcessAnswer {
  return typeof message === "object" && message !== null && "type" in message && typeof message.type === "string" && ANSWERS.has(message.type);
}

const ANSWERS: ReadonlySet<string> = new Set<TaskProcessAnswer["type"]>([
  "loaded",
  "prepared",
  "opened",
  "task-ended",
  "secrets",
  "next-tasks-left",
  "retry-if",
  "refused",
]);
