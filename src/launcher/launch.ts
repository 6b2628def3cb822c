import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { findFlowFile } from "../bundle/flow-file.js";
import { findProjectRoot } from "../bundle/project-root.js";
import { processEnvironment, type Environment } from "../config/environment.js";
import { readSettings, type Settings } from "../config/settings.js";
import type { Reporter } from "../core/run-event.js";
import { openFlow, openRecordedFlow, type OpenFlowOptions } from "../runner/open-flow.js";
import type { FinishedRun, FlowSession, RunRequest } from "../runner/run-request.js";
import { datastoreOption } from "../terminal/datastore-option.js";
import { createColors, wantsColor } from "../terminal/colors.js";
import { PlainReporter } from "../terminal/plain-reporter.js";
import { programName } from "../terminal/program-name.js";
import { resumeCommand } from "../terminal/resume-command.js";
import { StreamSink } from "../terminal/text-sink.js";
import type { LaunchOptions, RunnerOptions } from "./launch-options.js";
import { settingsIn } from "./launch-options.js";
import type { Control } from "./running.js";

/** A flow's file, `score.ts` or `score.ts#Name`, or its URL. */
export type FlowReference = string | URL;

/** Where a flow is, and what holds for it. */
export interface LaunchPlace {
  readonly reference: string;
  readonly file: string;
  readonly exportName?: string;
  readonly cwd: string;
  readonly environment: Environment;
  readonly settings: Settings;
}

/**
 * Finds a flow and reads its project's settings.
 * @throws MillraceError for a file that is not there, and for bad settings.
 */
export function findPlace(flow: FlowReference, runner: RunnerOptions, own: LaunchOptions): LaunchPlace {
  const environment: Environment = runner.env ?? processEnvironment();
  const cwd = resolve(runner.cwd ?? ".");
  const reference = typeof flow === "string" ? flow : `${fileURLToPath(flow)}${flow.hash}`;
  const found = findFlowFile(reference, cwd);
  const settings = readSettings({
    root: findProjectRoot(dirname(found.file)),
    cwd,
    environment,
    given: { ...settingsIn(runner), ...settingsIn(own) },
  });
  return { reference, ...found, cwd, environment, settings };
}

/** What every way to start has in common. */
export type CommonRequest = Omit<RunRequest, "parameters" | "options">;

export type LaunchedRun = FinishedRun & { readonly alreadyDone?: true };

/** What to do at a place. */
export interface LaunchPlan {
  /** Absent: the flow's file as it is now. */
  readonly open?: (place: LaunchPlace) => Promise<FlowSession>;
  readonly start: (session: FlowSession, request: CommonRequest) => Promise<LaunchedRun>;
}

/** Opens the flow's file as it is now. */
export function openHere(place: LaunchPlace): Promise<FlowSession> {
  const { file, exportName } = place;
  return openFlow({ ...openOptions(place), file, ...(exportName !== undefined && { exportName }) });
}

/** Opens the code that a run of the flow recorded. */
export function openRecorded(place: LaunchPlace, flow: string, run: string): Promise<FlowSession> {
  return openRecordedFlow({ ...openOptions(place), flow, run });
}

function openOptions({ settings, cwd, environment }: LaunchPlace): Omit<OpenFlowOptions, "file"> {
  return {
    projectRoot: settings.root,
    datastore: settings.datastoreAddress,
    with: settings.with,
    maxWorkers: settings.maxWorkers,
    cwd,
    env: environment,
  };
}

/** Opens the flow, starts what is to be started, and leaves nothing behind when it has ended. */
export async function launch(
  place: LaunchPlace,
  { log, stop, kill }: Control,
  signal: AbortSignal | undefined,
  { open, start }: LaunchPlan,
): Promise<LaunchedRun> {
  signal?.throwIfAborted();
  const { settings, environment } = place;
  await using session = await (open ?? openHere)(place);
  signal?.throwIfAborted();
  return await start(session, {
    user: settings.userName,
    tags: settings.tags,
    reporter: log,
    stop,
    kill,
    resumeCommand: () => resumeCommand(place.reference, settings, environment),
  });
}

/** Shows a run as the command does in a file or a pipe. */
export function plainReporter({ settings, environment, cwd }: LaunchPlace): Reporter {
  const stream = process.stdout;
  const colors = createColors(wantsColor({ setting: settings.color, environment, isTerminal: stream.isTTY === true }));
  return new PlainReporter(new StreamSink(stream), {
    colors,
    program: programName(environment),
    cwd,
    datastoreOption: datastoreOption(settings, cwd),
  });
}
