import { gatherParameters } from "../config/parameter-sources.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { Failure } from "../core/failure.js";
import { parsePathspec } from "../core/pathspec.js";
import type { ArtifactChange, RunEvent } from "../core/run-event.js";
import { Run } from "../client/run.js";
import { Datastore } from "../datastore/datastore.js";
import { openStore } from "../store/open-store.js";
import { namesTask, readSpinTarget } from "../runner/spin-target.js";
import type { FlowSession, SetValue } from "../runner/run-request.js";
import { changedRunOptions, runOptionsOf } from "../runner/run-options.js";
import type { AnyFlow, ParametersOf, ReadAs } from "./flow-types.js";
import { givenValues } from "./given-values.js";
import {
  checkOptionNames,
  launchOptionNames,
  resumeOptionNames,
  runnerOptionNames,
  spinOptionNames,
  type LaunchOptions,
  type ResumeOptions,
  type RunnerOptions,
  type SpinOptions,
} from "./launch-options.js";
import {
  findPlace,
  launch,
  plainReporter,
  openHere,
  openRecorded,
  type FlowReference,
  type LaunchedRun,
  type LaunchPlace,
  type LaunchPlan,
} from "./launch.js";
import { Running } from "./running.js";

export type { FlowReference };

/** How a run ended. */
export interface FlowRunResult<C extends AnyFlow = AnyFlow> {
  /** What the run left: its artifacts, tasks and logs, as `millrace/client` reads them. */
  readonly run: Run<ReadAs<C>>;
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

/** How a task that was run again ended. Its `run` has this task alone. */
export interface SpinResult<C extends AnyFlow = AnyFlow> extends FlowRunResult<C> {
  /** How what the task set differs from what it had set in its run; empty when either left no record. */
  readonly changes: readonly ArtifactChange[];
}

/**
 * Runs, resumes and spins a flow from code: the scheduler works in this process, the flow's own code in task processes. Quiet
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
  run(parameters: ParametersOf<C> = {}, options: LaunchOptions = {}): Running<FlowRunResult<C>> {
    return this.#launch("run", options, launchOptionNames, (place) => ({
      start: (session, request) => {
        const { definition } = session;
        const { settings, environment } = place;
        const given = givenValues(parameters);
        const others = gatherParameters({ flow: definition.name, definitions: definition.parameters, flags: {}, environment, file: settings.file });
        return session.run({ ...request, parameters: { ...others, ...given }, options: runOptionsOf(settings) });
      },
    }));
  }

  /** Makes a new run that goes on from where an earlier one broke, with its parameters. The code may have changed. */
  resume(options: ResumeOptions<C> = {}): Running<FlowRunResult<C>> {
    const { originRunId, step } = options;
    return this.#launch("resume", options, resumeOptionNames, ({ settings }) => ({
      start: (session, request) => {
        const originRun = readRunId(originRunId);
        return session.resume({
          ...request,
          options: changedRunOptions(settings),
          ...(originRun !== undefined && { originRun }),
          ...(step !== undefined && { fromStep: step }),
        });
      },
    }));
  }

  /**
   * Runs one task of an earlier run again, once, by itself, on exactly what it started from, whatever became of it. The run
   * stays as it is.
   * @param pathspec `ScoreFlow/12/score/3`; shorter: `score/3` of the newest run, `score` where one task will do.
   */
  spin(pathspec: string, options: SpinOptions<C> = {}): Running<SpinResult<C>> {
    const { set = {}, code = "today" } = options;
    const values = Object.entries(set).map(([name, value]): SetValue => ({ name, value, source: `set: { ${name} }` }));
    const plan = (place: LaunchPlace): LaunchPlan => ({
      ...(code === "recorded" && { open: async (at) => openRecordedTask(at, pathspec) }),
      start: (session, request) => {
        const target = readSpinTarget(pathspec, session.definition.name);
        return session.spin({ ...request, ...target, set: values, code, options: changedRunOptions(place.settings) });
      },
    });
    return this.#launchAs("spin", options, spinOptionNames, plan, (result) => ({ ...result, changes: changesIn(result.events) }));
  }

  #launch(call: string, options: LaunchOptions, known: readonly string[], plan: (place: LaunchPlace) => LaunchPlan): Running<FlowRunResult<C>> {
    return this.#launchAs(call, options, known, plan, (result) => result);
  }

  #launchAs<R>(
    call: string,
    options: LaunchOptions,
    known: readonly string[],
    plan: (place: LaunchPlace) => LaunchPlan,
    finish: (result: FlowRunResult<C>) => R,
  ): Running<R> {
    return new Running(options.signal, async (control) => {
      checkOptionNames(call, options, known);
      const place = findPlace(this.#flow, this.#options, options);
      if (options.show === true) control.log.showOn(plainReporter(place));
      const launched = await launch(place, control, options.signal, plan(place));
      return finish(await resultOf<C>(launched, place, control.log.events));
    });
  }
}

/** The flow's name, which a short pathspec lacks, stands in its code. */
async function openRecordedTask(place: LaunchPlace, pathspec: string): Promise<FlowSession> {
  await using today = namesTask(pathspec) ? undefined : await openHere(place);
  const { flow } = parsePathspec(pathspec);
  const name = today?.definition.name ?? flow;
  return await openRecorded(place, name, readSpinTarget(pathspec, name).originRun);
}

async function resultOf<C extends AnyFlow>(
  { pathspec, result, alreadyDone }: LaunchedRun,
  { settings }: LaunchPlace,
  events: readonly RunEvent[],
): Promise<FlowRunResult<C>> {
  const { status, failed, failure } = result;
  const { flow, run = "latest" } = parsePathspec(pathspec);
  return {
    run: await Run.open<ReadAs<C>>(new Datastore(await openStore(settings.datastoreAddress)), flow, run),
    pathspec,
    status,
    failures: failed.map(({ task, ...rest }) => ({ pathspec: `${pathspec}/${task}`, ...rest })),
    events,
    ...(failure !== undefined && { failure }),
    ...(alreadyDone === true && { alreadyDone }),
  };
}

function changesIn(events: readonly RunEvent[]): readonly ArtifactChange[] {
  return events.flatMap((event) => (event.type === "spin-compared" ? event.artifacts : []));
}

/** `12`, 12, `ScoreFlow/12` or `latest`. */
function readRunId(given: string | number | undefined): string | undefined {
  const text = String(given ?? "latest");
  const id = text.slice(text.lastIndexOf("/") + 1);
  if (!/^(?:[1-9]\d*|latest)$/.test(id))
    throw new MillraceError("bad-option-value", { source: "originRunId", value: `“${text}”`, expected: "a run's number" });
  return id === "latest" ? undefined : id;
}
