import { systemClock } from "../core/clock.js";
import type { Graph, GraphStep } from "../core/graph.js";
import type { StoreAddress } from "../core/store-address.js";
import type { RunOptions } from "../core/records.js";
import { codeOfStep } from "../core/remote-job.js";
import { formatCount } from "../core/quantity-text.js";
import type { Reporter, RunEvent } from "../core/run-event.js";
import type { Compute } from "../compute/compute.js";
import type { OpenEngine } from "../compute/open-engine.js";
import type { RemoteEngine } from "../compute/remote/engine.js";
import { findLivingJobsBehind, type LivingJob } from "../compute/remote/living-jobs.js";
import { reachEngine } from "../compute/remote/reach-engine.js";
import { RemoteCompute } from "../compute/remote/remote-compute.js";
import { heapInMb, stepResources } from "../compute/remote/step-resources.js";
import { Router } from "../compute/router.js";
import { stepsByEngine, type EngineName } from "../compute/step-place.js";
import type { RunStore } from "../datastore/run-store.js";
import { bootSource } from "./installation.js";
import { notice } from "./start-notices.js";

export interface ElsewhereOptions {
  readonly steps: readonly GraphStep[];
  readonly options: RunOptions;
  /** As other machines are told it. */
  readonly store: StoreAddress;
  readonly openEngine: OpenEngine;
}

/** The engines that a run's steps ask for, found fit. */
export class Elsewhere implements AsyncDisposable {
  readonly #engines: ReadonlyMap<EngineName, RemoteEngine>;
  readonly #store: StoreAddress;
  #living: readonly LivingJob[] = [];

  private constructor(engines: ReadonlyMap<EngineName, RemoteEngine>, store: StoreAddress) {
    this.#engines = engines;
    this.#store = store;
  }

  /**
   * Opens what the steps need; undefined when all of them run on this machine.
   * @throws MillraceError for what would fail every job: no such queue, no permission, a datastore that jobs do not reach.
   */
  static async open({ steps, options, store, openEngine }: ElsewhereOptions): Promise<Elsewhere | undefined> {
    const wanted = stepsByEngine(steps);
    if (wanted.size === 0) return undefined;
    const engines = new Map<EngineName, RemoteEngine>();
    try {
      for (const [name, ofEngine] of wanted) {
        const engine = await openEngine(name, { options });
        engines.set(name, engine);
        await reachEngine(engine, () => engine.check(ofEngine, store));
      }
      return new Elsewhere(engines, store);
    } catch (error) {
      await disposeAll(engines);
      throw error;
    }
  }

  /**
   * Finds the jobs of an earlier run, and of those that it went on from, that have outlived their schedulers. Those of steps that run
   * again anyway are ended.
   */
  async findLiving(before: RunStore, rerun: ReadonlySet<string>, report: (event: RunEvent) => void): Promise<readonly LivingJob[]> {
    const all: LivingJob[] = [];
    for (const engine of this.#engines.values()) {
      const living = await reachEngine(engine, () => findLivingJobsBehind(engine, before));
      const unwanted = living.filter(({ spec }) => rerun.has(spec.step)).map(({ id }) => id);
      if (unwanted.length > 0) await engine.cancel(unwanted, "all", "The run goes on from before this job's step.");
      const wanted = living.filter(({ spec }) => !rerun.has(spec.step));
      for (const pathspec of new Set(wanted.map(({ run }) => run.pathspec))) {
        const count = wanted.filter(({ run }) => run.pathspec === pathspec).length;
        report(notice("info", "jobs-found", foundText(count, pathspec, engine.title)));
      }
      all.push(...wanted);
    }
    this.#living = all;
    return all;
  }

  /** Where the run's tasks go: to `home`, or to the engines. */
  compute({ run, graph, options, home, reporter }: ElsewhereRun): Compute {
    const { remote } = run.record.code;
    if (remote === undefined) throw new Error(`the code of ${run.pathspec} does not travel`);
    const boot = bootSource();
    const away = new Map<EngineName, Compute>();
    for (const [name, engine] of this.#engines) {
      away.set(
        name,
        new RemoteCompute({
          engine,
          run,
          graph,
          boot,
          jobOf: (step) => {
            const heapMb = heapOfStep(graph, step, name);
            const code = codeOfStep(remote, step);
            return { format: 1, store: this.#store, code, flow: run.flow, run: run.id, ...(heapMb !== undefined && { heapMb }) };
          },
          countsAsWorkers: options.boundsJobs === true,
          living: this.#living.filter((job) => job.engine === name),
          clock: systemClock,
          tell: (level, code, text) => reporter.report(notice(level, code, text)),
        }),
      );
    }
    return new Router(graph, home, away);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await disposeAll(this.#engines);
  }
}

function heapOfStep(graph: Graph, name: string, engine: EngineName): number | undefined {
  const step = graph.steps.find((candidate) => candidate.name === name);
  const memoryMb = step && stepResources(step, engine).memoryMb;
  return memoryMb === undefined ? undefined : heapInMb(memoryMb);
}

export interface ElsewhereRun {
  readonly run: RunStore;
  readonly graph: Graph;
  readonly options: RunOptions;
  readonly home: Compute;
  readonly reporter: Reporter;
}

function foundText(count: number, pathspec: string, title: string): string {
  return count === 1
    ? `A job of ${pathspec} is still at work on ${title}: this run waits for it and takes its result.`
    : `${formatCount(count)} jobs of ${pathspec} are still at work on ${title}: this run waits for them and takes their results.`;
}

async function disposeAll(engines: ReadonlyMap<EngineName, RemoteEngine>): Promise<void> {
  for (const engine of engines.values()) await engine[Symbol.asyncDispose]();
}
