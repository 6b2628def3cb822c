import { gatherParameters } from "../config/parameter-sources.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { Failure } from "../core/failure.js";
import type { RunEvent } from "../core/run-event.js";
import type { FlowSession } from "../runner/run-request.js";
import { changedRunOptions, runOptionsOf } from "../runner/run-options.js";
import type { AnyFlow, ParametersOf } from "./flow-types.js";
import { givenValues } from "./given-values.js";
import {
  checkOptionNames,
  launchOptionNames,
  resumeOptionNames,
  runnerOptionNames,
  type LaunchOptions,
  type ResumeOptions,
  type RunnerOptions,
} from "./launch-options.js";
import { findPlace, launch, plainReporter, type CommonRequest, type FlowReference, type LaunchedRun, type LaunchPlace } from "./launch.js";
import { Running } from "./running.js";

export type { FlowReference };

/** How a run ended. */
export interface FlowRunResult {
  /** `ScoreFlow/12`. */
  readonly pathspec: string;
  readonly status: "done" | "failed" | "interrupted";
  /** The tasks that failed for good, at most a hundred. */
  readonly failures: readonly { readonly pathspec: string; readonly attempt: number; readonly failure: Failure }[];
  /** For a failure that is no task's: a full disk. */
  readonly failure?: Failure;
  /** Everything that happened, in order. */
  readonly events: readonly RunEvent[];
  /** A resume found the run done already, and started nothing. */
  readonly alreadyDone?: true;
}

/**
 * Runs and resumes a flow from code: the scheduler works in this process, the flow's own code in task processes. Quiet
 * unless told otherwise. Any number of runs may be at work at once.
 *
 * Name the flow's class to have parameters and steps checked by the compiler: `new Runner<typeof ScoreFlow>("score.ts")`.
 *
 * @example
 * const { status } = await new Runner("score.ts").run({ alpha: 0.5 });
 */
export class Runner<C extends AnyFlow = AnyFlow> {
  readonly #flow: FlowReference;
  readonly #options: RunnerOptions;

  /**
   * @param flow The flow's file, `score.ts` or `score.ts#Name`, relative to `cwd`; or its URL, `new URL("score.ts", import.meta.url)`.
   * @throws MillraceError `runner-option-unknown`
   */
  constructor(flow: FlowReference, options: RunnerOptions = {}) {
    checkOptionNames("new Runner", options, runnerOptionNames);
    this.#flow = flow;
    this.#options = options;
  }

  /**
   * Starts a run. Parameters are values, not texts; those that are not given come from the environment, the project's
   * file, or their defaults.
   */
  run(parameters: ParametersOf<C> = {}, options: LaunchOptions = {}): Running<FlowRunResult> {
    return this.#launch("run", options, launchOptionNames, (place) => (session, request) => {
      const { definition } = session;
      const { settings, environment } = place;
      const given = givenValues(parameters);
      const others = gatherParameters({ flow: definition.name, definitions: definition.parameters, flags: {}, environment, file: settings.file });
      return session.run({ ...request, parameters: { ...others, ...given }, options: runOptionsOf(settings) });
    });
  }

  /** Makes a new run that goes on from where an earlier one broke, with its parameters. The code may have changed. */
  resume(options: ResumeOptions<C> = {}): Running<FlowRunResult> {
    const { originRunId, step } = options;
    return this.#launch("resume", options, resumeOptionNames, ({ settings }) => (session, request) => {
      const originRun = readRunId(originRunId);
      return session.resume({
        ...request,
        options: changedRunOptions(settings),
        ...(originRun !== undefined && { originRun }),
        ...(step !== undefined && { fromStep: step }),
      });
    });
  }

  #launch(call: string, options: LaunchOptions, known: readonly string[], plan: (place: LaunchPlace) => Start): Running<FlowRunResult> {
    return new Running(options.signal, async (control) => {
      checkOptionNames(call, options, known);
      const place = findPlace(this.#flow, this.#options, options);
      if (options.show === true) control.log.showOn(plainReporter(place));
      const launched = await launch(place, control, options.signal, plan(place));
      return resultOf(launched, control.log.events);
    });
  }
}

type Start = (session: FlowSession, request: CommonRequest) => Promise<LaunchedRun>;

function resultOf({ pathspec, result, alreadyDone }: LaunchedRun, events: readonly RunEvent[]): FlowRunResult {
  const { status, failed, failure } = result;
  return {
    pathspec,
    status,
    failures: failed.map(({ task, ...rest }) => ({ pathspec: `${pathspec}/${task}`, ...rest })),
    events,
    ...(failure !== undefined && { failure }),
    ...(alreadyDone === true && { alreadyDone }),
  };
}

/** `12`, 12, `ScoreFlow/12` or `latest`. */
function readRunId(given: string | number | undefined): string | undefined {
  const text = String(given ?? "latest");
  const id = text.slice(text.lastIndexOf("/") + 1);
  if (!/^(?:[1-9]\d*|latest)$/.test(id))
    throw new MillraceError("bad-option-value", { source: "originRunId", value: `“${text}”`, expected: "a run's number" });
  return id === "latest" ? undefined : id;
}
