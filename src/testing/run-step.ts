import { findDecorator, isNumber, option } from "../core/definition.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { GraphStep } from "../core/graph.js";
import { nearestName } from "../core/nearest-name.js";
import { ArtifactWriter } from "../datastore/artifacts/artifact-writer.js";
import type { FlowClass } from "../flow/flow-class.js";
import type { SomeArtifacts, StepName, StepTakes } from "../flow/flow-fields.js";
import type { FlowSpec } from "../flow/flow-spec.js";
import { Caller, explainError } from "./explained-error.js";
import { attemptInProcess } from "./in-process-attempt.js";
import { startMemoryRun } from "./memory-run.js";
import type { AnyFlow } from "./run-flow.js";
import { runSettings, type TestOptions } from "./run-settings.js";
import { writeStepStart, type GivenFrame, type GivenPlace } from "./step-start.js";
import { taskRun, type TaskRun } from "./task-run.js";
import { openTestedFlow, type TestedFlow } from "./tested-flow.js";

/** The fan-outs that a step stands in. */
interface InForeach {
  /** The place in the innermost fan-out, from 0; default 0. */
  readonly index?: number;
  /** In a fan-out inside a fan-out, instead of `input` and `index`: all of them, outermost first. */
  readonly foreachStack?: readonly GivenFrame[];
}

/** What a branch had when it came to a join; in a foreach, `input` is its item. */
export type BranchArtifacts<F> = SomeArtifacts<F> & { readonly input?: unknown };

/** What a step starts from: it depends on what its method takes. */
export type StepStartOptions<F, S extends keyof F> =
  StepTakes<F, S> extends { readonly kind: "inputs" }
    ? InForeach & {
        /** The branches it joins: in order, or for a static split by the names of their steps. */
        readonly inputs: readonly BranchArtifacts<F>[] | { readonly [B in StepName<F>]?: BranchArtifacts<F> };
        /** The item of the foreach around it, if it stands in one. */
        readonly input?: unknown;
      }
    : InForeach & {
        /** What it finds in the flow's fields. */
        readonly artifacts?: SomeArtifacts<F>;
      } & (StepTakes<F, S> extends { readonly kind: "item"; readonly item: infer T } ? ItemOption<T> : { readonly input?: unknown });

/** The item of the fan-out that the step is the first step of. */
type ItemOption<T> = { readonly input: T } | { readonly input?: never; readonly foreachStack: readonly GivenFrame[] };

export type RunStepOptions<F, S extends keyof F> = TestOptions<F> &
  StepStartOptions<F, S> & {
    /** What `current.retryCount` tells; default 0. */
    readonly retryCount?: number;
  };

/** No options are needed where none has to be given. */
type Rest<O> = Partial<O> extends O ? [options?: O] : [options: O];

/**
 * Runs one attempt of one step in this process, on what the test gives it. Decorators that act after an attempt
 * (`@retry`, `@catchError`) do nothing here.
 *
 * @param flow The class, or the path of the file that has it.
 * @throws what the step threw; MillraceError for what it did wrong (`next-missing`), and for a flow or a start that is wrong.
 * @example
 * const task = await runStep(ScoreFlow, "score", { input: [{ id: 1, text: "a" }], parameters: { alpha: 2 } });
 * expect(task.changes).toEqual({ scores: [2] });
 * expect(task.next).toEqual(["join"]);
 */
export async function runStep<F extends FlowSpec, S extends StepName<F>>(
  flow: FlowClass<F>,
  step: S,
  ...options: Rest<RunStepOptions<F, S>>
): Promise<TaskRun<F>>;
export async function runStep(
  file: string,
  step: string,
  options?: TestOptions<AnyFlow> & GivenPlace & { readonly artifacts?: Readonly<Record<string, unknown>>; readonly retryCount?: number },
): Promise<TaskRun<AnyFlow>>;
export async function runStep<F>(flow: unknown, name: string, options: LooseOptions<F> = {}): Promise<TaskRun<F>> {
  const caller = new Caller(runStep);
  let task: TaskRun<F>;
  try {
    task = await runTested(flow, name, options);
  } catch (error) {
    throw explainError(error, caller);
  }
  if (task.status === "failed" && options.onFailure !== "return") throw explainError(task.error, caller);
  return task;
}

async function runTested<F>(flow: unknown, name: string, options: LooseOptions<F>): Promise<TaskRun<F>> {
  const tested = await openTestedFlow(flow);
  const step = findStep(tested, name);
  const { artifacts = {}, retryCount = 0, signal = new AbortController().signal } = options;
  if (step.joins !== undefined && Object.keys(artifacts).length > 0) {
    throw new MillraceError("bad-step-start", {
      step: name,
      problem: "is a join: no artifacts reach it but through its inputs",
      instead: "Give them to its branches: { inputs: [{ … }, { … }] }.",
    });
  }
  const settings = runSettings(options);
  const context = await startMemoryRun(tested, {
    ...settings,
    artifacts: (store) => {
      const writer = new ArtifactWriter(store);
      const given = Object.entries(artifacts).filter(([, value]) => value !== undefined);
      return Object.fromEntries(given.map(([field, value]) => [field, writer.write(value, `artifacts.${field}`)]));
    },
  });
  const timeoutMs = option(findDecorator(step, "timeout"), "durationMs", isNumber);
  const spec = {
    flow: context.run.flow,
    run: context.run.id,
    step: name,
    ...(await writeStepStart(context, step, options)),
    attempt: retryCount,
    mode: "run",
    retriesLeft: 0,
    ...(timeoutMs !== undefined && { timeoutMs }),
    maxNumSplits: settings.options.maxNumSplits,
    maxLogBytes: settings.options.maxLogBytes,
  } as const;
  const attempt = await attemptInProcess(context, spec, { clock: settings.clock, signal });
  return taskRun<F>({ context, attempts: [attempt] });
}

type LooseOptions<F> = TestOptions<F> & GivenPlace & { readonly artifacts?: object; readonly retryCount?: number };

function findStep({ graph }: TestedFlow, name: string): GraphStep {
  const step = graph.steps.find((one) => one.name === name);
  if (step !== undefined) return step;
  const steps = graph.steps.map((one) => one.name);
  throw new MillraceError("step-unknown", { step: name, flow: graph.flow, near: nearestName(name, steps), steps });
}
