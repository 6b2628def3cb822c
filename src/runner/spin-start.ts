import { placeOf } from "../compute/step-place.js";
import { systemClock } from "../core/clock.js";
import type { FlowDefinition } from "../core/definition.js";
import type { Graph, GraphStep } from "../core/graph.js";
import { formatPathspec } from "../core/pathspec.js";
import type { CodeRef, RunOptions, SpinRecord } from "../core/records.js";
import type { RunEvent } from "../core/run-event.js";
import { formatTaskRef } from "../core/task-ref.js";
import type { TaskSpec } from "../core/task-spec.js";
import type { RunStore } from "../datastore/run-store.js";
import { attemptSpec } from "../scheduler/attempt-spec.js";
import { runSingleTask } from "../scheduler/single-task.js";
import { makePlan } from "../scheduler/step-plan.js";
import type { Task } from "../scheduler/task.js";
import { keptValues } from "./kept-values.js";
import type { FinishedRun, SpinRequest } from "./run-request.js";
import { failedStart, runRecord, runStarted, type RunPlace, hurryWhenStopped } from "./run-start.js";
import { compareArtifacts, spunResult } from "./spin-comparison.js";
import { readSpinValues, type SpinValues } from "./spin-values.js";
import { stepOfToday, type SpunTask } from "./spun-task.js";
import { gainedParameters, inactiveDecorators, notice, printedAtLoad } from "./start-notices.js";

/** A spin about to start. */
export interface SpinStart {
  readonly request: SpinRequest;
  readonly spun: SpunTask;
  readonly definition: FlowDefinition;
  readonly graph: Graph;
  readonly code: CodeRef;
}

/** Runs a task again by itself, and tells how what it set differs from what it had set in its run. */
export async function startSpin(start: SpinStart, place: RunPlace & { readonly flowDir: string }): Promise<FinishedRun> {
  const { request, spun, definition, graph, code } = start;
  const { datastore, store, pool, flow } = place;
  const { reporter } = request;
  const before = spun.run.record;
  const options: RunOptions = { ...before.options, ...request.options, maxWorkers: 1 };
  const step = stepOfToday(graph, spun);
  const task = taskOfToday(graph, spun.task);
  const spec = spinSpec(request, attemptSpec(spun.run, options, task, undefined));
  const pathspec = formatPathspec(spun.run.flow, spun.run.id, task.plan.name, task.id);
  const values = await readSpinValues({ set: request.set, definition, spec, origin: before, pathspec, store: datastore.store });
  const { kept, keptInitial } = keptValues(before, definition);
  const keptParameters = Object.fromEntries(Object.entries(kept).filter(([name]) => values.parameters[name] === undefined));
  const prepared = await flow.prepare(store, place.flowDir, { given: values.parameters, kept: keptParameters, keptInitial });
  const runStart = {
    request: { ...request, tags: [] },
    options,
    definition,
    graph,
    code,
    prepared: { ...prepared, initial: { ...prepared.initial, ...values.initial } },
    origin: { run: spun.run.id },
  };
  const spin = spinRecord(request, task, values);
  const run = await datastore.createSpin(
    (id) => ({ ...runRecord(id, runStart), ...(before.project !== undefined && { project: before.project }), spin }),
    spun.run.flow,
    spun.run.id,
  );
  hurryWhenStopped(run, request.stop);
  request.onRunId?.(run.id);
  reporter.report({ ...runStarted(run, runStart), steps: [step.name], spin: { task: pathspec, code: request.code } });
  const notices = [
    ...gainedParameters(spun.run, definition),
    ...heldBack(step),
    ...keptAtHome(step),
    ...awaitedDebugger(request),
    ...inactiveDecorators([step]),
    ...printedAtLoad(flow.readPrinted(), code.file),
  ];
  for (const event of notices) reporter.report(event);
  try {
    await pool.open({ load: flow.load, run, store }, 1, flow.process);
  } catch (error) {
    await run.writeResult(failedStart(error)).catch(() => {});
    throw error;
  }
  const result = await runSingleTask({
    run,
    task,
    spec: { ...spec, run: run.id },
    compute: pool,
    reporter,
    clock: systemClock,
    stop: request.stop,
    kill: request.kill,
    beforeEnd: () => tellComparison(run, spun, request),
  });
  return { pathspec: run.pathspec, result };
}

/** The step's decorators are those of the code that runs; the task's place is the recorded one. */
function taskOfToday(graph: Graph, task: Task): Task {
  const plan = makePlan(graph, 1, () => 1).get(task.plan.name);
  return plan === undefined ? task : { ...task, plan };
}

/** A debugger's user takes longer than any `@timeout`. */
function spinSpec({ inspect }: SpinRequest, { timeoutMs, ...spec }: TaskSpec): TaskSpec {
  if (inspect !== undefined) return { ...spec, retriesLeft: 0, inspect };
  return { ...spec, retriesLeft: 0, ...(timeoutMs !== undefined && { timeoutMs }) };
}

function awaitedDebugger({ inspect, step }: SpinRequest): RunEvent[] {
  if (inspect === undefined) return [];
  return [notice("info", "spin-waits", `${step} waits for a debugger: attach an editor to the port below, or open chrome://inspect.`)];
}

function spinRecord(request: SpinRequest, task: Task, { handedOn, item }: SpinValues): SpinRecord {
  return {
    task: formatTaskRef(task.plan.name, task.id),
    code: request.code,
    ...(Object.keys(handedOn).length > 0 && { handedOn }),
    ...(item !== undefined && { item }),
  };
}

/** Decorators that a spin leaves out. */
const HELD_BACK = ["retry", "catchError"];

function heldBack({ name, decorators }: GraphStep): RunEvent[] {
  const held = HELD_BACK.filter((decorator) => decorators.some((use) => use.name === decorator)).map((decorator) => `@${decorator}`);
  if (held.length === 0) return [];
  return [
    notice("info", "spin-once", `A spin runs ${name} once and shows its error: ${held.join(" and ")} ${held.length === 1 ? "does" : "do"} not act.`),
  ];
}

/** Where the step would run in a run does not count. */
function keptAtHome(step: GraphStep): RunEvent[] {
  const place = placeOf(step);
  if (place === "local") return [];
  return [notice("info", "spin-at-home", `A spin runs ${step.name} on this machine: @${place} does not act.`)];
}

/** Nothing to tell when the task left no record, then or now. */
async function tellComparison(run: RunStore, { run: origin, task, recorded }: SpunTask, { reporter }: SpinRequest): Promise<void> {
  const now = await spunResult(run, task.plan.name, task.id);
  if (now === undefined || recorded?.record === undefined) return;
  const artifacts = compareArtifacts({ run, task: now }, { run: origin, task: recorded });
  reporter.report({
    type: "spin-compared",
    time: Date.now(),
    with: recorded.pathspec,
    artifacts: artifacts.map(({ name, change }) => ({ name, change })),
  });
}
