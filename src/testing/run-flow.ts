import type { RunEvent } from "../core/run-event.js";
import type { FlowClass } from "../flow/flow-class.js";
import type { FlowSpec } from "../flow/flow-spec.js";
import { schedule } from "../scheduler/scheduler.js";
import { Caller, explainError } from "./explained-error.js";
import { flowRun, type FlowRun } from "./flow-run.js";
import { InProcessCompute } from "./in-process-compute.js";
import { startMemoryRun } from "./memory-run.js";
import { runSettings, type TestOptions } from "./run-settings.js";
import { openTestedFlow } from "./tested-flow.js";

export interface RunFlowOptions<F> extends TestOptions<F> {
  /** Tasks that run side by side, while they wait for something; default 1: one after another, always in the same order. */
  readonly maxWorkers?: number;
  /** After a failure, finish all that can be finished. */
  readonly keepGoing?: boolean;
  /** From 0 to 1, for the jitter of `@retry`; default: always 1, so that waits have their full length. */
  readonly random?: () => number;
}

/** A flow of which only the file is known. */
export type AnyFlow = FlowSpec & Readonly<Record<string, unknown>>;

/**
 * Runs a whole flow in this process and in memory: with millrace's own scheduler, tasks and codecs, but nothing on disk,
 * no further processes, and a clock that never makes a test wait.
 *
 * @param flow The class, or the path of the file that has it (`score.ts`, `score.ts#ScoreFlow`).
 * @throws what the first task that failed for good threw; MillraceError for flows and parameters that are wrong.
 * @example
 * const run = await runFlow(ScoreFlow, { parameters: { alpha: 0.5 } });
 * expect(run.artifacts.total).toBe(6);
 * expect(run.tasks.score).toHaveLength(3);
 */
export async function runFlow<F extends FlowSpec>(flow: FlowClass<F>, options?: RunFlowOptions<F>): Promise<FlowRun<F>>;
export async function runFlow(file: string, options?: RunFlowOptions<AnyFlow>): Promise<FlowRun<AnyFlow>>;
export async function runFlow<F>(flow: unknown, options: RunFlowOptions<F> = {}): Promise<FlowRun<F>> {
  const caller = new Caller(runFlow);
  let run: FlowRun<F>;
  try {
    run = await runTested(flow, options);
  } catch (error) {
    throw explainError(error, caller);
  }
  const [first] = run.failed;
  if (run.status !== "done" && options.onFailure !== "return") throw explainError(run.error, caller, first && `${first.step}/${first.id}`);
  return run;
}

async function runTested<F>(flow: unknown, options: RunFlowOptions<F>): Promise<FlowRun<F>> {
  const tested = await openTestedFlow(flow);
  const { maxWorkers = 1, keepGoing = false, random = () => 1, signal = new AbortController().signal } = options;
  const settings = runSettings(options, { maxWorkers, keepGoing });
  const context = await startMemoryRun(tested, settings);
  const compute = new InProcessCompute(context, settings.clock);
  const events: RunEvent[] = [];
  const result = await schedule({
    run: context.run,
    graph: tested.graph,
    options: settings.options,
    compute,
    reporter: { report: (event) => void events.push(event), close: async () => {} },
    origin: undefined,
    clock: settings.clock,
    random,
    stop: signal,
    kill: new AbortController().signal,
    resumeCommand: "",
    lease: false,
  });
  return flowRun<F>({ context, result, attempts: compute.ended, events });
}
