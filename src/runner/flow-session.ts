import { dirname } from "node:path";
import { findDecorator, type FlowDefinition } from "../core/definition.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { Graph, GraphStep, Problem } from "../core/graph.js";
import type { StoreAddress } from "../core/store-address.js";
import { nearestName } from "../core/nearest-name.js";
import { formatPosition } from "../core/source-position.js";
import type { CodeRef, PackagingOptions, RunOptions } from "../core/records.js";
import { placeOf } from "../compute/step-place.js";
import type { LocalPool } from "../compute/local/local-pool.js";
import { Datastore } from "../datastore/datastore.js";
import type { RunStore } from "../datastore/run-store.js";
import { buildGraph } from "../graph/build-graph.js";
import { loadOrigin } from "../scheduler/origin-loader.js";
import { downstream } from "../scheduler/step-plan.js";
import type { ObjectStore } from "../store/object-store.js";
import { tidy, travellingAddress } from "../store/open-store.js";
import { livingRef } from "../compute/remote/living-jobs.js";
import { openEngine } from "../compute/open-engine.js";
import { Elsewhere } from "./elsewhere.js";
import { storeCode, type FlowCode } from "./flow-code.js";
import type { FlowProcess } from "./flow-process.js";
import { keptValues } from "./kept-values.js";
import type { Package } from "./packed-flow.js";
import type { OpenFlowOptions } from "./open-flow.js";
import type { FinishedRun, FlowSession, ResumeRequest, RunRequest, SpinRequest } from "./run-request.js";
import { startRun, type RunStart } from "./run-start.js";
import { gainedParameters, largeCode, notice, topImports, unlockedPackages } from "./start-notices.js";
import type { StoredCode } from "./remote-code.js";
import { startSpin } from "./spin-start.js";
import { findSpunTask } from "./spun-task.js";
import { checkSecretPlaces } from "./secret-places.js";
import { addWith } from "./with-decorators.js";

/** What a session is made of; it disposes of the pool. */
export interface SessionParts {
  readonly options: OpenFlowOptions;
  /** At the options' address. */
  readonly store: ObjectStore;
  readonly pool: LocalPool;
  readonly code: FlowCode;
  readonly flow: FlowProcess;
}

/** The code of a run, in the datastore, and what its reader should know of it. */
interface KeptCode extends Pick<StoredCode, "unlocked"> {
  readonly kept: CodeRef;
}

/** A flow that is loaded: it can be run and resumed, once. */
export class LoadedSession implements FlowSession {
  readonly definition: FlowDefinition;
  readonly graph: Graph | undefined;
  readonly problems: readonly Problem[];
  #parts: SessionParts;
  readonly #datastore: Datastore;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#datastore = new Datastore(parts.store);
    this.definition = addWith(parts.flow.definition, parts.options.with);
    const { graph, problems } = buildGraph(this.definition);
    this.graph = graph;
    this.problems = problems;
  }

  async run(request: RunRequest): Promise<FinishedRun> {
    const graph = this.#requireGraph();
    await this.#datastore.check();
    await this.#installPackages(graph.steps.filter((step) => placeOf(step) === "local"));
    const prepared = await this.#parts.flow.prepare(this.#address, this.#flowDir, { given: request.parameters });
    return this.#start({ request, options: request.options, graph, prepared });
  }

  async resume(request: ResumeRequest): Promise<FinishedRun & { readonly alreadyDone?: true }> {
    const before = await this.#originRun(request.originRun);
    const options = { ...before.record.options, ...request.options };
    const graph = this.#graphWith(options.with);
    requireStep(graph, request.fromStep);
    const status = await before.status(Date.now());
    if (status === "running") {
      const { host, pid } = (await before.lease()) ?? before.record;
      throw new MillraceError("resume-running", { pathspec: before.pathspec, host, pid });
    }
    const result = await before.result();
    if (status === "done" && result !== undefined && request.fromStep === undefined) return { pathspec: before.pathspec, result, alreadyDone: true };
    await this.#installPackages(graph.steps.filter((step) => placeOf(step) === "local"));
    const prepared = await this.#parts.flow.prepare(this.#address, this.#flowDir, { given: {}, ...keptValues(before.record, this.definition) });
    return this.#start({
      request,
      options,
      graph,
      prepared,
      origin: { run: before.id, ...(request.fromStep !== undefined && { step: request.fromStep }) },
      notices: gainedParameters(before, this.definition),
      loadOrigin: async (report, elsewhere) => {
        const { fromStep } = request;
        // First the jobs, then the records: one that ends in between is found by its record.
        const rerun = fromStep === undefined ? new Set<string>() : downstream(graph, fromStep);
        const awaited = await elsewhere?.findLiving(before, rerun, report);
        const onDamaged = (error: Error): void => report(notice("warning", "record-damaged", `${error.message} The task runs again.`));
        const origin = await loadOrigin({ datastore: this.#datastore, run: before, graph, fromStep, onDamaged });
        return { ...origin, awaited: awaited?.map(livingRef) ?? [] };
      },
    });
  }

  async spin(request: SpinRequest): Promise<FinishedRun> {
    this.#requireGraph();
    const { definition } = this;
    const run = await this.#datastore.openRun(definition.name, request.originRun);
    const graph = this.#graphWith(run.record.options.with);
    const spun = await findSpunTask(run, request);
    // A spin runs here, wherever the task ran.
    await this.#installPackages(graph.steps.filter(({ name }) => name === request.step));
    const { pool, flow } = this.#parts;
    return startSpin(
      { request, spun, definition, graph, code: (await this.#keepCode([], {})).kept },
      { datastore: this.#datastore, store: this.#address, pool, flow, flowDir: this.#flowDir },
    );
  }

  async package(packaging: PackagingOptions | undefined): Promise<Package> {
    const { code, options } = this.#parts;
    const steps = this.#requireGraph().steps.filter(({ decorators }) => !decorators.some(({ name }) => name === "local"));
    const [{ packForJobs }, { describePackage }] = await Promise.all([import("./remote-code.js"), import("./packed-flow.js")]);
    const withCards = steps.filter((step) => findDecorator(step, "card") !== undefined);
    return describePackage(
      await packForJobs({ ...options, code: code.package, packaging, steps }),
      withCards.map(({ name }) => name),
    );
  }

  async #originRun(id: string | undefined): Promise<RunStore> {
    const { name } = this.definition;
    if (id !== undefined) return this.#datastore.openRun(name, id);
    const latest = await this.#datastore.latestRun(name);
    if (latest === undefined) throw new MillraceError("resume-nothing", { flow: name, location: this.#datastore.location });
    return latest;
  }

  async #start(start: Omit<RunStart, "definition" | "code">): Promise<FinishedRun> {
    const { pool, flow, options, code } = this.#parts;
    const { steps } = start.graph;
    checkSecretPlaces(steps);
    const away = steps.filter((step) => placeOf(step) !== "local");
    await using elsewhere = await Elsewhere.open({
      steps,
      options: start.options,
      store: away.length === 0 ? this.#address : await travellingAddress(this.#address, this.#parts.store),
      openEngine: options.openEngine ?? openEngine,
    });
    const { kept, unlocked } = await this.#keepCode(away, start.options);
    const notices = [...(start.notices ?? []), ...topImports(steps, code.package), ...largeCode(kept, kept.file), ...unlockedPackages(unlocked)];
    return await startRun(
      { ...start, notices, definition: this.definition, code: kept },
      { datastore: this.#datastore, store: this.#address, pool, flow, ...(elsewhere !== undefined && { elsewhere }) },
    );
  }

  /** Steps with packages of their own (`@npm`) get the flow loaded anew, with these in reach. */
  async #installPackages(steps: readonly GraphStep[]): Promise<void> {
    if (!steps.some((step) => findDecorator(step, "npm") !== undefined)) return;
    const { loadWithPackages } = await import("./step-packages.js");
    this.#parts = { ...this.#parts, ...(await loadWithPackages(this.#parts, steps)) };
  }

  /** @param away The steps that run on other machines. */
  async #keepCode(away: readonly GraphStep[], { packaging }: Pick<RunOptions, "packaging">): Promise<KeptCode> {
    const { code, flow, options, store } = this.#parts;
    const { exportName } = flow.load;
    const kept = await storeCode(store, code.package, exportName);
    if (away.length === 0) return { kept, unlocked: [] };
    const { buildRemoteCode } = await import("./remote-code.js");
    const request = { ...options, code: code.package, recorded: code.remote, exportName, packaging, steps: away };
    const { code: remote, unlocked } = await buildRemoteCode(store, request);
    return { kept: { ...kept, remote }, unlocked };
  }

  get #address(): StoreAddress {
    return this.#parts.options.datastore;
  }

  get #flowDir(): string {
    return dirname(this.#parts.options.file);
  }

  #requireGraph(): Graph {
    if (this.graph !== undefined) return this.graph;
    throw new MillraceError("flow-definition-problems", { flow: this.definition.name, problems: this.problems.map(inWords) });
  }

  /** The graph with the decorators of `--with` that a resumed run remembers. */
  #graphWith(texts: readonly string[]): Graph {
    const { graph } = buildGraph(addWith(this.#parts.flow.definition, texts));
    return graph ?? this.#requireGraph();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.pool[Symbol.asyncDispose]();
    tidy(this.#parts.store);
    await this.#parts.store[Symbol.asyncDispose]?.();
  }
}

function inWords({ position, message }: Problem): string {
  return position === undefined ? message : `${formatPosition(position)}: ${message}`;
}

function requireStep(graph: Graph, step: string | undefined): void {
  if (step === undefined) return;
  const steps = graph.steps.map(({ name }) => name);
  if (!steps.includes(step)) throw new MillraceError("resume-step-unknown", { step, flow: graph.flow, near: nearestName(step, steps), steps });
}
