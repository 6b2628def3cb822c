import { hostname } from "node:os";
import { isMillraceError, messageOf } from "../core/errors/millrace-error.js";
import { systemClock } from "../core/clock.js";
import type { FlowDefinition } from "../core/definition.js";
import type { Graph } from "../core/graph.js";
import type { StoreAddress } from "../core/store-address.js";
import { projectOf } from "../core/project.js";
import { formatPathspec } from "../core/pathspec.js";
import { LAYOUT_VERSION, type CodeRef, type RunOptions, type RunRecord, type RunResult } from "../core/records.js";
import type { RunEvent } from "../core/run-event.js";
import { newTags } from "../core/tags.js";
import { version } from "../core/version.js";
import type { LocalPool } from "../compute/local/local-pool.js";
import type { Datastore } from "../datastore/datastore.js";
import type { RunStore } from "../datastore/run-store.js";
import type { Origin } from "../scheduler/origin.js";
import { schedule } from "../scheduler/scheduler.js";
import type { Elsewhere } from "./elsewhere.js";
import type { FlowProcess, Prepared } from "./flow-process.js";
import { initialisers } from "./kept-values.js";
import type { FinishedRun, ResumeRequest, RunRequest } from "./run-request.js";
import { inactiveDecorators, printedAtLoad } from "./start-notices.js";

/** A run about to start, new or resumed. */
export interface RunStart {
  readonly request: RunRequest | ResumeRequest;
  readonly options: RunOptions;
  readonly definition: FlowDefinition;
  readonly graph: Graph;
  readonly prepared: Prepared;
  readonly code: CodeRef;
  readonly origin?: RunRecord["origin"];
  /** Told before the first task. */
  readonly notices?: readonly RunEvent[];
  /** Reads what the run may take over from earlier ones. */
  readonly loadOrigin?: (report: (event: RunEvent) => void, elsewhere: Elsewhere | undefined) => Promise<Origin>;
}

/** Where a run starts. */
export interface RunPlace {
  readonly datastore: Datastore;
  readonly store: StoreAddress;
  readonly pool: LocalPool;
  readonly flow: FlowProcess;
  /** Absent when every step runs on this machine. */
  readonly elsewhere?: Elsewhere;
}

/** Takes the next run id, tells of the run, makes the pool ready and runs it to its end. */
export async function startRun(start: RunStart, place: RunPlace): Promise<FinishedRun> {
  const { datastore, store, pool, flow } = place;
  const { request, options, graph, code } = start;
  const { reporter } = request;
  const run = await datastore.createRun((id) => runRecord(id, start), start.definition.name);
  hurryWhenStopped(run, request.stop);
  request.onRunId?.(run.id);
  reporter.report(runStarted(run, start));
  const notices = [...(start.notices ?? []), ...inactiveDecorators(graph.steps), ...printedAtLoad(flow.readPrinted(), code.file)];
  for (const event of notices) reporter.report(event);
  const [origin] = await Promise.all([
    start.loadOrigin?.((event) => reporter.report(event), place.elsewhere),
    pool.open({ load: flow.load, run, store }, options.maxWorkers, flow.process),
  ]).catch(async (error: unknown) => {
    // The run has its id: it must not be taken for one that is still to begin.
    await run.writeResult(failedStart(error)).catch(() => {});
    throw error;
  });
  await using elsewhere = place.elsewhere?.compute({ run, graph, options, home: pool, reporter });
  const result = await schedule({
    run,
    graph,
    options,
    compute: elsewhere ?? pool,
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

/** A run that is to end does not wait for a datastore that is away: what cannot be noted of it, resume finds out. */
export function hurryWhenStopped({ store }: RunStore, stop: AbortSignal): void {
  if (stop.aborted) store.hurry?.();
  else stop.addEventListener("abort", () => store.hurry?.(), { once: true });
}

/** What a run is from its first moment. */
export function runRecord(
  id: string,
  {
    request,
    options,
    definition,
    graph,
    prepared,
    code,
    origin,
  }: Omit<RunStart, "request" | "notices" | "loadOrigin"> & {
    readonly request: Pick<RunRequest, "user" | "tags">;
  },
): RunRecord {
  const project = projectOf(definition, options, request.user);
  return {
    format: LAYOUT_VERSION,
    flow: definition.name,
    run: id,
    startedAt: Date.now(),
    user: request.user,
    host: hostname(),
    pid: process.pid,
    millrace: version,
    node: process.versions.node,
    code,
    graph,
    parameterDefinitions: definition.parameters,
    parameters: prepared.parameters,
    initial: prepared.initial,
    initialisers: initialisers(definition),
    options,
    tags: newTags(request.tags),
    ...(project !== undefined && { project }),
    ...(origin !== undefined && { origin }),
  };
}

export function runStarted(run: RunStore, { graph, prepared, options }: Pick<RunStart, "graph" | "prepared" | "options">): RunStarted {
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

type RunStarted = Extract<RunEvent, { readonly type: "run-started" }>;

/** The result of a run that could not begin. */
export function failedStart(error: unknown): RunResult {
  const code = isMillraceError(error) ? error.code : "start-failed";
  const failure = { code, name: error instanceof Error ? error.name : "Error", message: messageOf(error), frames: [] };
  return { format: LAYOUT_VERSION, status: "failed", finishedAt: Date.now(), counts: { done: 0, failed: 0, reused: 0 }, failed: [], failure };
}
