import { dirname } from "node:path";
import type { FlowSession } from "../runner/run-request.js";
import { findFlowFile, type FlowFile } from "../bundle/flow-file.js";
import { findProjectRoot } from "../bundle/project-root.js";
import { readSettings, type Settings } from "../config/settings.js";
import type { FlowDefinition } from "../core/definition.js";
import { parsePathspec } from "../core/pathspec.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import { parseArguments, settingFlags, type Arguments } from "./arguments.js";
import type { Command } from "./command.js";
import { findFlowReference } from "./flow-reference.js";
import type { Host } from "./host.js";
import { parameterOptions } from "./parameter-options.js";

/** A command line that names a flow, as far as it reads before the flow is known. */
export interface FlowCommandLine {
  /** The flow as it was written; undefined when the line names none. */
  readonly reference: string | undefined;
  /** The command line asks for help. */
  readonly help: boolean;
  /** The command's arguments without the flow. */
  readonly rest: readonly string[];
  /** What is known of it: options that are the command's own. */
  readonly known: Arguments;
}

/** Finds the flow among the arguments. Its parameters are not known yet, so their options are passed over. */
export function readFlowCommandLine(args: readonly string[], command: Command): FlowCommandLine {
  const known = parseArguments(args, { command: command.name, options: command.options, lenient: true });
  const word = findFlowReference(known.positionals);
  return {
    reference: word?.text,
    help: known.options.has("help"),
    rest: word === undefined ? args : args.filter((_, index) => index !== word.index),
    known,
  };
}

/** A flow that a command works on, with its project's settings. */
export interface FlowTarget {
  /** As it was written. */
  readonly reference: string;
  readonly file: FlowFile;
  readonly settings: Settings;
}

/**
 * Finds the flow's file and reads its project's settings.
 * @throws MillraceError `argument-missing` when the line names no flow, and those of the file and the settings.
 */
export function findFlowTarget(line: FlowCommandLine, command: Command, host: Host): FlowTarget {
  const { reference } = line;
  if (reference === undefined) {
    throw new MillraceError("argument-missing", { command: command.name, argument: "a flow's file", usage: `millrace ${command.name} flow.ts` });
  }
  const file = findFlowFile(reference, host.cwd);
  const settings = readSettings({
    root: findProjectRoot(dirname(file.file)),
    cwd: host.cwd,
    environment: host.environment,
    flags: settingFlags(line.known),
  });
  return { reference, file, settings };
}

/** Loads the flow in a task process. What takes time starts here, so callers import the rest of what they need meanwhile. */
export async function openSession({ file, settings }: FlowTarget, { cwd, environment }: Host, forDebugger = false): Promise<FlowSession> {
  const { openFlow } = await import("../runner/open-flow.js");
  return openFlow({
    file: file.file,
    ...(file.exportName !== undefined && { exportName: file.exportName }),
    projectRoot: settings.root,
    datastore: settings.datastoreAddress,
    with: settings.with,
    maxWorkers: settings.maxWorkers,
    cwd,
    env: environment,
    forDebugger,
  });
}

/** A run whose recorded code a command works on, in the project at hand. */
export interface RunTarget {
  /** `ScoreFlow/12`. */
  readonly reference: string;
  readonly settings: Settings;
}

export function findRunTarget(line: FlowCommandLine, { cwd, environment }: Host): RunTarget {
  const { reference = "" } = line;
  return { reference, settings: readSettings({ root: findProjectRoot(cwd), cwd, environment, flags: settingFlags(line.known) }) };
}

/** Loads the code that the run recorded. */
export async function openRunSession({ reference, settings }: RunTarget, { cwd, environment }: Host, forDebugger = false): Promise<FlowSession> {
  const { flow, run = "latest" } = parsePathspec(reference);
  const { openRecordedFlow } = await import("../runner/open-flow.js");
  return openRecordedFlow({
    flow,
    run,
    cwd,
    projectRoot: settings.root,
    datastore: settings.datastoreAddress,
    with: settings.with,
    maxWorkers: settings.maxWorkers,
    env: environment,
    forDebugger,
  });
}

/**
 * Reads the command line again, now that the flow's parameters are known, and strictly.
 * @param allowed how many words may stand beside the flow.
 */
export function parseForFlow(line: FlowCommandLine, command: Command, definition: FlowDefinition | undefined, allowed = 0): Arguments {
  const parsed = parseArguments(line.rest, {
    command: command.name,
    options: definition === undefined ? command.options : [...command.options, ...parameterOptions(definition.parameters)],
    ...(definition !== undefined && { flow: definition.name }),
  });
  const surplus = parsed.positionals[allowed];
  if (surplus?.afterSwitch !== undefined) throw new MillraceError("option-not-boolean", { option: surplus.afterSwitch, value: surplus.text });
  if (surplus !== undefined) {
    throw new MillraceError("argument-unexpected", {
      command: command.name,
      argument: surplus.text,
      usage: `millrace ${command.name} ${command.usage}`,
    });
  }
  return parsed;
}
