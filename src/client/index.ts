/** Reading what runs left behind: `import { Flow, Run } from "millrace/client"`. Reading writes nothing and runs no code. */
import { MillraceError } from "../core/errors/millrace-error.js";
import { parsePathspec, type Pathspec } from "../core/pathspec.js";
import type { FlowSpec } from "../flow/flow-spec.js";
import { openDatastore, type ReadOptions } from "./datastore-place.js";
import { Flow as FlowObject, runList } from "./flow.js";
import type { FlowClass, InstanceOf, StepName } from "./flow-types.js";
import { List } from "./list.js";
import { Run as RunObject } from "./run.js";
import type { RunQuery } from "./run-query.js";
import type { Step as StepObject } from "./step.js";
import type { Task as TaskObject } from "./task.js";

export type { Artifact, ValueOptions } from "./artifact.js";
export type { ArtifactValues, ArtifactValuesOptions } from "./artifact-values.js";
export type { Card } from "./card.js";
export type { DamageOptions } from "./damages.js";
export type { ReadOptions } from "./datastore-place.js";
export type { ArtifactName, ArtifactValue, FlowClass, ParametersOf, StepName } from "./flow-types.js";
export type { List } from "./list.js";
export type { LogLine, LogRange } from "./log-range.js";
export type { RunCode } from "./run-code.js";
export type { RunQuery } from "./run-query.js";
export type { StepCounts, TaskQuery } from "./step.js";
export type { TaskForeach, TaskStatus } from "./task.js";
export type { TaskError } from "./task-error.js";
export type { SourceFile } from "../bundle/code-package.js";
export type { Failure, StackFrame } from "../core/failure.js";
export type { Graph, GraphStep } from "../core/graph.js";
export type { RunStatus } from "../core/records.js";
export type { ByteRange, ObjectInfo, ObjectStore, PutOptions } from "../store/object-store.js";
export { MillraceError } from "../core/errors/millrace-error.js";

/** A flow, by its name: see {@link Flow}. */
export type Flow<F = unknown> = FlowObject<F>;
/** A run: see {@link Run}. */
export type Run<F = unknown> = RunObject<F>;
/** A step of a run: see {@link Step}. */
export type Step<F = unknown> = StepObject<F>;
/** A task of a run: see {@link Task}. */
export type Task<F = unknown> = TaskObject<F>;

/**
 * A flow. Given its class, the names and types of steps, artifacts and parameters are checked; of the class only the name
 * is used. Where the class cannot be imported, its type does the same: `Flow<ScoreFlow>("ScoreFlow")`. Nothing is read yet.
 *
 * @example
 * const run = await Flow("ScoreFlow").latestSuccessfulRun();
 * console.log(run.parameters, await run.artifact("total"));
 */
export function Flow<F extends FlowSpec>(flow: FlowClass<F>, options?: ReadOptions): FlowObject<F>;
export function Flow<T = unknown>(flow: string, options?: ReadOptions): FlowObject<InstanceOf<T>>;
export function Flow(flow: string | FlowClass, options: ReadOptions = {}): FlowObject {
  const name = typeof flow === "string" ? flow : flow.name;
  const pathspec = parsePathspec(name);
  if (pathspec.run !== undefined) throw tooLong(name, "flow", `Flow("${pathspec.flow}")`);
  return new FlowObject(openDatastore(options), name);
}

/**
 * A run, by its pathspec: `Score/12`; `Score/latest` and `Score` stand for the newest.
 * @throws MillraceError `bad-pathspec`, `flow-unknown`, `run-unknown`, `record-damaged`, `layout-unknown`
 */
export async function Run<T = unknown>(pathspec: string, options: ReadOptions = {}): Promise<RunObject<InstanceOf<T>>> {
  const parsed = parsePathspec(pathspec);
  if (parsed.step !== undefined) throw tooLong(pathspec, "run", `Run("${parsed.flow}/${parsed.run}")`);
  return openRun(parsed, options);
}

/**
 * A step of a run, by its pathspec: `Score/12/score`.
 * @throws MillraceError `bad-pathspec`, `task-unknown`, and those of {@link Run}
 */
export async function Step<T = unknown>(pathspec: string, options: ReadOptions = {}): Promise<StepObject<InstanceOf<T>>> {
  const parsed = parsePathspec(pathspec);
  if (parsed.task !== undefined) throw tooLong(pathspec, "step", `Step("${parsed.flow}/${parsed.run}/${parsed.step}")`);
  if (parsed.step === undefined) throw tooShort(pathspec, "step", `Step("${parsed.flow}/latest/start")`);
  return openStep(parsed, parsed.step, options);
}

/**
 * A task, by its pathspec: `Score/12/score/3`; the step alone where it has one task.
 * @throws MillraceError `bad-pathspec`, `task-unknown`, `task-several`, and those of {@link Run}
 */
export async function Task<T = unknown>(pathspec: string, options: ReadOptions = {}): Promise<TaskObject<InstanceOf<T>>> {
  const parsed = parsePathspec(pathspec);
  const { flow, run, step, task } = parsed;
  if (parsed.artifact !== undefined) throw tooLong(pathspec, "task", `Task("${flow}/${run}/${step}/${task}") and its artifact("${parsed.artifact}")`);
  if (step === undefined) throw tooShort(pathspec, "task", `Task("${flow}/${run ?? "latest"}/start/0")`);
  return (await openStep<InstanceOf<T>>(parsed, step, options)).task(task);
}

/** The flows that have runs, by name. */
export function flows(options: ReadOptions = {}): List<FlowObject> {
  return new List("flows", {}, async function* () {
    const datastore = openDatastore(options);
    for (const name of await datastore.flows()) yield new FlowObject(datastore, name);
  });
}

/** Runs of all flows, the newest first. @throws MillraceError, when they are walked: `list-incomplete` */
export function runs(query: RunQuery & ReadOptions = {}): List<RunObject> {
  const datastore = openDatastore(query);
  return runList<unknown>(datastore, query, () => datastore.flows(), `runs in ${datastore.location}`);
}

async function openRun<F>({ flow, run = "latest" }: Pathspec, options: ReadOptions): Promise<RunObject<F>> {
  return RunObject.open<F>(openDatastore(options), flow, run);
}

async function openStep<F>(pathspec: Pathspec, step: string, options: ReadOptions): Promise<StepObject<F>> {
  return (await openRun<F>(pathspec, options)).step(step as StepName<F>);
}

function tooLong(pathspec: string, wanted: string, example: string): MillraceError {
  return new MillraceError("pathspec-too-long", { pathspec, wanted, example });
}

function tooShort(pathspec: string, wanted: string, example: string): MillraceError {
  return new MillraceError("pathspec-too-short", { pathspec, wanted, example });
}
