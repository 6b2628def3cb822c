import { isMillraceError, MillraceError } from "../core/errors/millrace-error.js";
import type { Settings } from "../config/settings.js";
import { gatherParameters } from "../config/parameter-sources.js";
import type { RunResult } from "../core/records.js";
import type { Reporter } from "../core/run-event.js";
import { changedRunOptions, runOptionsOf } from "../runner/run-options.js";
import type { FinishedRun, FlowSession, ResumeRequest, RunRequest, SpinRequest } from "../runner/run-request.js";
import { createReporter } from "../terminal/create-reporter.js";
import { formatProblems } from "../terminal/problem-text.js";
import type { Arguments } from "./arguments.js";
import { exitCodes } from "./command.js";
import { datastoreOption } from "../terminal/datastore-option.js";
import type { FlowTarget } from "./flow-command.js";
import type { Host } from "./host.js";
import { givenParameters } from "./parameter-options.js";
import { programName } from "../terminal/program-name.js";
import { openRunIdFile } from "./run-id-file.js";
import { listenToSignals, type RunSignals } from "./run-signals.js";
import { openScreen, type Screen } from "./screen.js";
import { resumeCommand } from "../terminal/resume-command.js";

export interface Execution {
  readonly session: FlowSession;
  readonly target: Pick<FlowTarget, "reference" | "settings">;
  readonly host: Host;
}

/** Starts a run and shows it until it ends. Returns the exit code. */
export async function executeRun(execution: Execution, parsed: Arguments): Promise<number> {
  checkBranch(execution);
  const { session, target, host } = execution;
  const { definition } = session;
  const { settings } = target;
  const parameters = gatherParameters({
    flow: definition.name,
    definitions: definition.parameters,
    flags: givenParameters(definition.parameters, parsed),
    environment: host.environment,
    file: settings.file,
  });
  return execute(execution, (request) => session.run({ ...request, parameters, options: runOptionsOf(settings), tags: settings.tags }));
}

/** On the command line, a branch is said of this flow; in the environment it is said of whatever flow has a project. */
function checkBranch({ session: { definition }, target: { settings } }: Execution): void {
  if (definition.decorators.some(({ name }) => name === "project")) return;
  for (const { kind, name } of [settings.sources.branch, settings.sources.production]) {
    if (kind === "command-line") throw new MillraceError("project-missing", { option: name, flow: definition.name });
  }
}

/** What a resume goes on from. */
export type ResumeOrigin = Pick<ResumeRequest, "originRun" | "fromStep">;

/** Goes on from an earlier run and shows it until it ends. Returns the exit code. */
export async function executeResume(execution: Execution, origin: ResumeOrigin): Promise<number> {
  const { session, target, host } = execution;
  const { settings } = target;
  return execute(execution, async (request) => {
    checkBranch(execution);
    const finished = await session.resume({ ...request, ...origin, tags: settings.tags, options: changedRunOptions(settings) });
    if (finished.alreadyDone === true) await sayAlreadyDone(finished.pathspec, target, host);
    return finished;
  });
}

/** What a spin runs again, and how. */
export type SpinInputs = Pick<SpinRequest, "originRun" | "step" | "task" | "set" | "code" | "inspect">;

/** Runs one task of an earlier run again and shows it, and then what came out otherwise. Returns the exit code. */
export async function executeSpin(execution: Execution, spin: SpinInputs): Promise<number> {
  const { session, target, host } = execution;
  const { settings } = target;
  let pathspec: string | undefined;
  const code = await execute(execution, async (request) => {
    const finished = await session.spin({ ...request, ...spin, options: changedRunOptions(settings) });
    ({ pathspec } = finished);
    return finished;
  });
  if (pathspec === undefined || settings.json || settings.quiet) return code;
  const { printSpinComparison } = await import("./reading/spin-comparison-text.js");
  await printSpinComparison(pathspec, settings, host);
  return code;
}

type CommonRequest = Omit<RunRequest, "parameters" | "options" | "tags">;

async function execute({ session, target, host }: Execution, start: (request: CommonRequest) => Promise<FinishedRun>): Promise<number> {
  const { settings } = target;
  const screen = openScreen(host, settings.color);
  await printWarnings(settings.warnings, screen);
  if (await printProblems(session, settings, screen)) return exitCodes.usage;
  const noteRunId = settings.runIdFile === undefined ? undefined : openRunIdFile(settings.runIdFile, host.cwd);
  using signals = listenToSignals();
  const reporter = await openReporter(settings, host, screen);
  let hasBegun = false;
  const onRunId = (run: string): void => {
    hasBegun = true;
    noteRunId?.(run);
  };
  try {
    const finished = start(requestOf({ target, host, reporter, signals, onRunId }));
    const stopped = await orStopped(finished, signals, () => !hasBegun);
    if (stopped !== undefined) return exitCodeOf(stopped.result.status);
    screen.err.write("Interrupted before the run had begun.\n");
  } catch (error) {
    if (!signals.stop.aborted || !isMillraceError(error)) throw error;
    screen.err.write(`Interrupted: ${error.message}\n`);
  } finally {
    await reporter.close();
    await screen.err.flush();
  }
  return exitCodes.interrupted;
}

/** What a run gets to end by itself that is stopped before it has begun, milliseconds. */
const BEGIN_MS = 2_000;

/** How the run ended; undefined when it was stopped before it had begun, and something that it waits for does not answer. */
async function orStopped(finished: Promise<FinishedRun>, { stop }: RunSignals, isToBegin: () => boolean): Promise<FinishedRun | undefined> {
  const over = new AbortController();
  const cut = new Promise<undefined>((resolve) => {
    const onStop = (): void => {
      const timer = setTimeout(() => {
        if (isToBegin()) resolve(undefined);
      }, BEGIN_MS);
      over.signal.addEventListener("abort", () => clearTimeout(timer));
    };
    stop.addEventListener("abort", onStop, { once: true, signal: over.signal });
  });
  try {
    return await Promise.race([finished, cut]);
  } finally {
    over.abort();
  }
}

interface RequestParts {
  readonly target: Execution["target"];
  readonly host: Host;
  readonly reporter: Reporter;
  readonly signals: RunSignals;
  readonly onRunId: (run: string) => void;
}

function requestOf({ target, host, reporter, signals, onRunId }: RequestParts): CommonRequest {
  return {
    user: target.settings.userName,
    reporter,
    stop: signals.stop,
    kill: signals.kill,
    resumeCommand: () => resumeCommand(target.reference, target.settings, host.environment),
    onRunId,
  };
}

function openReporter(settings: Settings, host: Host, { colors }: Screen): Promise<Reporter> {
  return createReporter({
    json: settings.json,
    quiet: settings.quiet,
    stream: host.stdout,
    context: { colors, program: programName(host.environment), cwd: host.cwd, datastoreOption: datastoreOption(settings, host.cwd) },
  });
}

function exitCodeOf(status: RunResult["status"]): number {
  return { done: exitCodes.done, failed: exitCodes.failed, interrupted: exitCodes.interrupted }[status];
}

/** Prints what looks like a mistake in the settings and stops nothing. */
async function printWarnings(warnings: readonly string[], { err, errorColors }: Screen): Promise<void> {
  for (const warning of warnings) err.write(`${errorColors.yellow("warning")} ${warning}\n`);
  await err.flush();
}

/** Prints what is wrong with a flow. True when there is anything. */
export async function printProblems(session: FlowSession, settings: Settings, { err, errorColors }: Screen): Promise<boolean> {
  if (session.problems.length === 0) return false;
  err.write(formatProblems(session.problems, settings.root, errorColors));
  await err.flush();
  return true;
}

async function sayAlreadyDone(pathspec: string, { settings }: Execution["target"], host: Host): Promise<void> {
  const { out, err, colors } = openScreen(host, settings.color);
  const text = `${colors.green("✓")} ${colors.bold(pathspec)} is done already; there is nothing to go on with. Name a step to run it again from there.\n`;
  const sink = settings.json ? err : out;
  sink.write(text);
  await sink.flush();
}
