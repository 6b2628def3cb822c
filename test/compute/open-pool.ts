import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { LocalPool } from "../../src/compute/local/local-pool.js";
import type { TaskProcess } from "../../src/compute/local/task-process.js";
import type { Graph } from "../../src/core/graph.js";
import type { TaskOutcome, TaskSpec } from "../../src/core/task-spec.js";
import { RunStore } from "../../src/datastore/run-store.js";
import { LocalStore } from "../../src/store/local-store.js";
import { sampleRun } from "../datastore/sample-records.js";
import { inTime, until } from "../rig/condition.js";
import { MARK, markedProcesses, untilNoneLeft } from "../rig/processes.js";

/** As many workers as are started without waiting. */
export const CORES = availableParallelism();

export const ENTRY = join(import.meta.dirname, "scripted-entry.mjs");

/** What a test sees of one attempt. */
export interface Submitted {
  readonly spec: TaskSpec;
  /** How often each was told. */
  readonly told: { started: number; ended: number; withdrawn: number };
  readonly output: { stdout: string; stderr: string };
  readonly ended: Promise<TaskOutcome>;
}

/** Stands for the end of an attempt that was taken back. */
const WITHDRAWN: TaskOutcome = {
  status: "failed",
  failure: { code: "withdrawn", name: "Withdrawn", message: "taken back", frames: [] },
  startedAt: 0,
  finishedAt: 0,
};

let count = 0;

/** A pool of scripted task processes, in a folder of its own. */
export class OpenPool implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "millrace-pool-"));
  readonly run: RunStore;
  readonly mark = `pool-${process.pid}-${count++}`;
  readonly pool: LocalPool;
  #first: TaskProcess | undefined;

  private constructor(maxWorkers: number, graph: Graph | undefined) {
    this.run = new RunStore(new LocalStore(join(this.folder, "store")), sampleRun(graph === undefined ? {} : { graph }));
    // Children find the mark in the environment that they inherit.
    process.env[MARK] = this.mark;
    this.pool = new LocalPool({ entry: ENTRY, cwd: this.folder, env: process.env, maxWorkers });
  }

  /** @param prepare Gets the folder before the pool is told of the run. */
  static async open(maxWorkers = 1, options: { readonly graph?: Graph; readonly prepare?: (folder: string) => void } = {}): Promise<OpenPool> {
    const opened = new OpenPool(maxWorkers, options.graph);
    const first = opened.pool.startProcess();
    const load = { type: "load", bundle: "bundle.mjs", describe: false } as const;
    await first.request({ ...load, describe: true });
    options.prepare?.(opened.folder);
    opened.#first = first;
    await opened.pool.open({ load, run: opened.run, store: { kind: "local", root: join(opened.folder, "store") } }, maxWorkers, first);
    return opened;
  }

  /** The process that loaded the flow. */
  get first(): TaskProcess {
    if (this.#first === undefined) throw new Error("the pool is not open yet");
    return this.#first;
  }

  submit(step: string, task = "0", rest: Partial<TaskSpec> = {}): Submitted {
    const spec: TaskSpec = {
      flow: "Score",
      run: "1",
      step,
      task,
      attempt: 0,
      foreach: [],
      parents: [],
      mode: "run",
      retriesLeft: 0,
      maxNumSplits: 100,
      maxLogBytes: 10_000,
      ...rest,
    };
    const told = { started: 0, ended: 0, withdrawn: 0 };
    const output = { stdout: "", stderr: "" };
    const ended = new Promise<TaskOutcome>((resolve) => {
      this.pool.submit(spec, {
        queued: () => undefined,
        started: () => void told.started++,
        output: (stream, text) => void (output[stream] += text),
        ended: (outcome) => {
          told.ended++;
          resolve(outcome);
        },
        withdrawn: () => {
          told.withdrawn++;
          resolve(WITHDRAWN);
        },
      });
    });
    return { spec, told, output, ended: inTime(`${step}/${task} ends`, ended) };
  }

  /** Lets a task that waits go on. */
  go(task = "0"): void {
    writeFileSync(join(this.folder, `go-${task}`), "");
  }

  /** Waits until the task is at work. Returns the number it left: of its process, or of its child's. */
  async atWork(task = "0"): Promise<number> {
    const file = join(this.folder, `at-${task}`);
    await until(`task ${task} is at work`, () => existsSync(file) && readFileSync(file, "utf8") !== "");
    return Number(readFileSync(file, "utf8"));
  }

  write(file: string): void {
    writeFileSync(join(this.folder, file), "");
  }

  remove(file: string): void {
    rmSync(join(this.folder, file));
  }

  /** Tasks that a process was given in advance, sorted. */
  get given(): readonly string[] {
    return readdirSync(this.folder)
      .filter((name) => name.startsWith("given-"))
      .map((name) => name.slice("given-".length))
      .sort();
  }

  /** Task processes that are alive. */
  get processes(): readonly number[] {
    return markedProcesses(this.mark)
      .filter(({ command }) => command.includes("scripted-entry"))
      .map(({ pid }) => pid);
  }

  /** Nothing of the pool is left afterwards, or this fails. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.pool[Symbol.asyncDispose]();
    await untilNoneLeft(this.mark);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
