import { systemClock } from "../core/clock.js";
import type { Graph, GraphStep } from "../core/graph.js";
import type { StoreAddress } from "../core/store-address.js";
import type { RunOptions } from "../core/records.js";
import { codeOfStep } from "../core/remote-job.js";
import type { Reporter } from "../core/run-event.js";
import type { Compute } from "../compute/compute.js";
import type { OpenEngine } from "../compute/open-engine.js";
import type { RemoteEngine } from "../compute/remote/engine.js";
import { RemoteCompute } from "../compute/remote/remote-compute.js";
import { Router } from "../compute/router.js";
import { stepsByEngine, type EngineName } from "../compute/step-place.js";
import type { RunStore } from "../datastore/run-store.js";
import { bootSource } from "./installation.js";
import { notice } from "./start-notices.js";

export interface ElsewhereOptions {
  readonly steps: readonly GraphStep[];
  readonly options: RunOptions;
  readonly store: StoreAddress;
  readonly openEngine: OpenEngine;
}

/** The engines that a run's steps ask for, found fit. */
export class Elsewhere implements AsyncDisposable {
  readonly #engines: ReadonlyMap<EngineName, RemoteEngine>;
  readonly #store: StoreAddress;

  private constructor(engines: ReadonlyMap<EngineName, RemoteEngine>, store: StoreAddress) {
    this.#engines = engines;
    // What this machine keeps of it is of no use to others.
    const { cache: _here, ...elsewhere } = store.kind === "s3" ? store : { ...store, cache: undefined };
    this.#store = elsewhere;
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
        await engine.check(ofEngine, store);
      }
      return new Elsewhere(engines, store);
    } catch (error) {
      await disposeAll(engines);
      throw error;
    }
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
          jobOf: (step) => ({ format: 1, store: this.#store, code: codeOfStep(remote, step), flow: run.flow, run: run.id }),
          countsAsWorkers: options.boundsJobs === true,
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

export interface ElsewhereRun {
  readonly run: RunStore;
  readonly graph: Graph;
  readonly options: RunOptions;
  readonly home: Compute;
  readonly reporter: Reporter;
}

async function disposeAll(engines: ReadonlyMap<EngineName, RemoteEngine>): Promise<void> {
  for (const engine of engines.values()) await engine[Symbol.asyncDispose]();
}
