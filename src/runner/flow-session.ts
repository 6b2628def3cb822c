import { hostname } from "node:os";
import { dirname, join } from "node:path";
import type { DecoratorUse, FlowDefinition } from "../core/definition.js";
import { isMillraceError, messageOf, MillraceError } from "../core/errors/millrace-error.js";
import { systemClock } from "../core/clock.js";
import type { Graph, Problem } from "../core/graph.js";
import type { TaskProcessAnswer, TaskProcessRequest } from "../core/messages.js";
import { nearestName } from "../core/nearest-name.js";
import { formatPathspec } from "../core/pathspec.js";
import { LAYOUT_VERSION, type RunOptions, type RunRecord, type RunResult } from "../core/records.js";
import type { RunEvent } from "../core/run-event.js";
import { version } from "../core/version.js";
import { LocalPool } from "../compute/local/local-pool.js";
import type { TaskProcess } from "../compute/local/task-process.js";
import { Datastore } from "../datastore/datastore.js";
import type { RunStore } from "../datastore/run-store.js";
import { parseWith } from "../flow/with-option.js";
import { buildGraph } from "../graph/build-graph.js";
import type { Origin } from "../scheduler/origin.js";
import { loadOrigin } from "../scheduler/origin-loader.js";
import { schedule } from "../scheduler/scheduler.js";
import { LocalStore } from "../store/local-store.js";
import { bundleCode, recordedCode, storeCode, type FlowCode } from "./flow-code.js";
import { taskEntry } from "./installation.js";
import type { FinishedRun, FlowSession, ResumeRequest, RunRequest } from "./run-request.js";
import { refusal } from "./wire-error.js";

export interface OpenFlowOptions {
  /** The flow's file, absolute. */
  readonly file: string;
  /** Which of its exports; absent: the default or only flow. */
  readonly exportName?: string;
  /** The project's folder, absolute. */
  readonly projectRoot: string;
  /** The datastore's folder, absolute. */
  readonly datastore: string;
  /** `--with`, as given. */
  readonly with: readonly string[];
  readonly maxWorkers: number;
}

/**
 * Bundles a flow's file and loads it in a first task process, both at once as far as they can be.
 * @throws MillraceError for files that do not bundle or load, AggregateError for several errors.
 */
export async function openFlow(options: OpenFlowOptions): Promise<FlowSession> {
  return open(options, () => bundleCode(options.file, options.projectRoot), options.exportName);
}

export interface OpenRunOptions extends Omit<OpenFlowOptions, "file" | "exportName"> {
  /** The run whose recorded code is loaded. */
  readonly flow: string;
  readonly run: string;
  readonly cwd: string;
}

/** Loads the code that a run recorded; no checkout is needed, only the packages it imports. */
export async function openRecordedFlow(options: OpenRunOptions): Promise<FlowSession> {
  const store = new LocalStore(options.datastore);
  const { record } = await new Datastore(store).openRun(options.flow, options.run);
  const file = join(options.projectRoot, record.code.file);
  return open({ ...options, file }, () => recordedCode(store, record, options.projectRoot, options.cwd), record.code.exportName);
}

async function open(options: OpenFlowOptions, load: () => Promise<FlowCode>, exportName: string | undefined): Promise<FlowSession> {
  const pool = new LocalPool({ entry: taskEntry(), cwd: process.cwd(), maxWorkers: options.maxWorkers });
  try {
    const process = pool.startProcess();
    const code = await load();
    const request: LoadRequest = {
      type: "load",
      bundle: code.bundle,
      describe: true,
      ...(exportName !== undefined && { exportName }),
    };
    const answer = await process.request(request);
    if (answer?.type === "refused") throw refusal(answer);
    if (answer?.type !== "loaded" || answer.definition === undefined || answer.exportName === undefined) {
      throw new MillraceError("task-process-lost", { file: options.file, how: await howItEnded(process) });
    }
    const loaded = { ...request, exportName: answer.exportName };
    return new LoadedSession({ options, pool, process, code, load: loaded, definition: answer.definition });
  } catch (error) {
    await pool[Symbol.asyncDispose]();
    throw error;
  }
}

type LoadRequest = Extract<TaskProcessRequest, { readonly type: "load" }>;
type Prepared = Extract<TaskProcessAnswer, { readonly type: "prepared" }>;

async function howItEnded(process: TaskProcess): Promise<string> {
  const { code, signal } = await process.exited;
  const printed = process.lastWords.trim();
  return `${signal ?? `exit code ${code}`}${printed === "" ? "" : `, after printing: ${printed.slice(-2000)}`}`;
}

interface SessionParts {
  readonly options: OpenFlowOptions;
  readonly pool: LocalPool;
  readonly process: TaskProcess;
  readonly code: FlowCode;
  readonly load: LoadRequest & { readonly exportName: string };
  readonly definition: FlowDefinition;
}

/** A run about to start, new or resumed. */
interface Start {
  readonly request: RunRequest | ResumeRequest;
  readonly options: RunOptions;
  readonly graph: Graph;
  readonly prepared: Prepared;
  readonly origin: RunRecord["origin"];
  readonly notices?: readonly RunEvent[];
  /** Reads what the run may take over from earlier ones. */
  readonly load: (report: (event: RunEvent) => void) => Promise<Origin | undefined>;
}

class LoadedSession implements FlowSession {
  readonly definition: FlowDefinition;
  readonly graph: Graph | undefined;
  readonly problems: readonly Problem[];
  readonly #parts: SessionParts;
  readonly #store: LocalStore;
  readonly #datastore: Datastore;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#store = new LocalStore(parts.options.datastore);
    this.#datastore = new Datastore(this.#store);
    this.definition = addWith(parts.definition, parts.options.with);
    const { graph, problems } = buildGraph(this.definition);
    this.graph = graph;
    this.problems = problems;
  }

  async run(request: RunRequest): Promise<FinishedRun> {
    const graph = this.#requireGraph();
    const prepared = await this.#prepare({ given: request.parameters });
    return this.#start({ request, options: request.options, graph, prepared, origin: undefined, load: () => Promise.resolve(undefined) });
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
    const prepared = await this.#prepare({
      given: {},
      kept: keptParameters(before.record, this.definition),
      keptInitial: keptInitial(before.record, initialisers(this.definition)),
    });
    const gained = this.definition.parameters.filter(({ name }) => before.record.parameters[name] === undefined).map(({ name }) => name);
    return this.#start({
      request,
      options,
      graph,
      prepared,
      origin: { run: before.id, ...(request.fromStep !== undefined && { step: request.fromStep }) },
      notices: gained.map((name) => notice("info", "parameter-gained", `${before.pathspec} had no parameter ${name}; this run takes its default.`)),
      load: (report) =>
        loadOrigin({
          datastore: this.#datastore,
          run: before,
          graph,
          fromStep: request.fromStep,
          onDamaged: (error) => report(notice("warning", "record-damaged", `${error.message} The task runs again.`)),
        }),
    });
  }

  async #originRun(id: string | undefined): Promise<RunStore> {
    const { name } = this.definition;
    if (id !== undefined) return this.#datastore.openRun(name, id);
    const latest = await this.#datastore.latestRun(name);
    if (latest === undefined) throw new MillraceError("resume-nothing", { flow: name, location: this.#datastore.location });
    return latest;
  }

  async #prepare(what: Pick<Extract<TaskProcessRequest, { readonly type: "prepare" }>, "given" | "kept" | "keptInitial">): Promise<Prepared> {
    const { process, options } = this.#parts;
    const answer = await process.request({ type: "prepare", store: this.#address(), flowDir: dirname(options.file), ...what });
    if (answer?.type === "prepared") return answer;
    if (answer?.type === "refused") throw refusal(answer);
    throw new MillraceError("task-process-lost", { file: options.file, how: await howItEnded(process) });
  }

  async #start(start: Start): Promise<FinishedRun> {
    const { request, options, graph, prepared } = start;
    const { pool, process, load } = this.#parts;
    const { reporter } = request;
    const code = storeCode(this.#store, this.#parts.code.package, load.exportName);
    const run = await this.#datastore.createRun((id) => this.#record(id, start, code), this.definition.name);
    request.onRunId?.(run.id);
    reporter.report(this.#started(run, graph, prepared, options));
    const notices = [...(start.notices ?? []), ...inactiveDecorators(graph), ...printedAtLoad(process, code.file)];
    for (const event of notices) reporter.report(event);
    const [origin] = await Promise.all([
      start.load((event) => reporter.report(event)),
      pool.open({ load, run, store: this.#address() }, options.maxWorkers, process),
    ]).catch(async (error: unknown) => {
      // The run has its id: it must not be taken for one that is still to begin.
      await run.writeResult(failedStart(error)).catch(() => {});
      throw error;
    });
    const result = await schedule({
      run,
      graph,
      options,
      compute: pool,
      reporter,
      origin,
      clock: systemClock,
      random: Math.random,
      stop: request.stop,
      kill: request.kill,
      resumeCommand: request.resumeCommand(run.id),
    });
    return { pathspec: run.pathspec, result };
  }

  #record(id: string, { request, options, graph, prepared, origin }: Start, code: RunRecord["code"]): RunRecord {
    return {
      format: LAYOUT_VERSION,
      flow: this.definition.name,
      run: id,
      startedAt: Date.now(),
      user: request.user,
      host: hostname(),
      pid: process.pid,
      millrace: version,
      node: process.versions.node,
      code,
      graph,
      parameterDefinitions: this.definition.parameters,
      parameters: prepared.parameters,
      initial: prepared.initial,
      initialisers: initialisers(this.definition),
      options,
      tags: request.tags,
      ...(origin !== undefined && { origin }),
    };
  }

  #started(run: RunStore, graph: Graph, prepared: Prepared, options: RunOptions): RunEvent {
    const { record } = run;
    return {
      type: "run-started",
      time: record.startedAt,
      pathspec: run.pathspec,
      flow: run.flow,
      run: run.id,
      steps: graph.steps.map((step) => step.name),
      parameters: prepared.shown,
      datastore: run.store.location,
      maxWorkers: options.maxWorkers,
      ...(record.origin !== undefined && { origin: formatPathspec(run.flow, record.origin.run) }),
    };
  }

  #address(): { readonly kind: "local"; readonly root: string } {
    return { kind: "local", root: this.#parts.options.datastore };
  }

  #requireGraph(): Graph {
    if (this.graph !== undefined) return this.graph;
    throw new MillraceError("flow-definition-problems", { flow: this.definition.name, count: this.problems.length });
  }

  /** The graph with the decorators of `--with` that a resumed run remembers. */
  #graphWith(texts: readonly string[]): Graph {
    const { graph } = buildGraph(addWith(this.#parts.definition, texts));
    return graph ?? this.#requireGraph();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.pool[Symbol.asyncDispose]();
    this.#store.tidy();
  }
}

/** Adds the decorators of `--with` to each step that lacks them. */
function addWith(definition: FlowDefinition, texts: readonly string[]): FlowDefinition {
  if (texts.length === 0) return definition;
  const added = texts.map((text) => parseWith(text));
  const steps = definition.steps.map((step) => {
    const lacking = added.filter((use) => !step.decorators.some(({ name }) => name === use.name));
    return lacking.length === 0 ? step : { ...step, decorators: [...step.decorators, ...lacking] };
  });
  return { ...definition, steps };
}

function keptParameters(run: RunRecord, definition: FlowDefinition): RunRecord["parameters"] {
  const kept = definition.parameters.flatMap(({ name }) => {
    const ref = run.parameters[name];
    return ref === undefined ? [] : [[name, ref] as const];
  });
  return Object.fromEntries(kept);
}

/** A hash of the text of each field's initialiser. */
function initialisers({ members }: FlowDefinition): Readonly<Record<string, string>> {
  return Object.fromEntries(members.flatMap(({ name, initialiser }) => (initialiser === undefined ? [] : [[name, initialiser] as const])));
}

/**
 * What the earlier run's initialisers gave, where their text is the same: a random seed or a start time stays one value,
 * whichever run does a task.
 */
function keptInitial({ initial, initialisers: before = {} }: RunRecord, now: Readonly<Record<string, string>>): RunRecord["initial"] {
  return Object.fromEntries(Object.entries(initial).filter(([name]) => before[name] !== undefined && before[name] === now[name]));
}

/** The result of a run that could not begin. */
function failedStart(error: unknown): RunResult {
  const code = isMillraceError(error) ? error.code : "start-failed";
  const failure = { code, name: error instanceof Error ? error.name : "Error", message: messageOf(error), frames: [] };
  return { format: LAYOUT_VERSION, status: "failed", finishedAt: Date.now(), counts: { done: 0, failed: 0, reused: 0 }, failed: [], failure };
}

function requireStep(graph: Graph, step: string | undefined): void {
  if (step === undefined) return;
  const steps = graph.steps.map(({ name }) => name);
  if (!steps.includes(step)) throw new MillraceError("resume-step-unknown", { step, flow: graph.flow, near: nearestName(step, steps), steps });
}

/** Decorators that this version records and does not act on. */
const INACTIVE = new Set(["batch", "slurm", "kubernetes", "npm", "secrets", "card"]);

function inactiveDecorators(graph: Graph): RunEvent[] {
  const uses: readonly DecoratorUse[] = graph.steps.flatMap((step) => step.decorators);
  const names = [...new Set(uses.map((use) => use.name).filter((name) => INACTIVE.has(name)))];
  if (names.length === 0) return [];
  const list = names.map((name) => `@${name}`).join(", ");
  return [
    notice(
      "warning",
      "decorator-inactive",
      `${list}: recorded, but this version runs every step on this machine and does not act on ${names.length === 1 ? "it" : "them"}.`,
    ),
  ];
}

/** Lines of a flow's own printing at module scope that are shown. */
const LINES_AT_LOAD = 100;

/** What the flow's modules and initialisers printed: it belongs to no task, so it is shown with the run. */
function printedAtLoad(process: TaskProcess, file: string): RunEvent[] {
  const lines = [...process.stdout.readRest(), ...process.stderr.readRest()].join("").split(/\r?\n/);
  const told = lines.filter((line) => line.trim() !== "");
  const shown = told.slice(0, LINES_AT_LOAD).map((line) => notice("info", "printed-at-load", `${file} printed: ${line}`));
  if (told.length > shown.length) shown.push(notice("info", "printed-at-load", `${file} printed ${told.length - shown.length} more lines.`));
  return shown;
}

function notice(level: "info" | "warning", code: string, text: string): RunEvent {
  return { type: "notice", time: Date.now(), level, code, text };
}
