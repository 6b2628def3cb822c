import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { MillraceError } from "../../core/errors/millrace-error.js";
import { formatPathspec } from "../../core/pathspec.js";
import type { FlowSession, SetValue } from "../../runner/run-request.js";
import type { InspectSpec } from "../../core/task-spec.js";
import { wholeNumberOption, type Arguments } from "../arguments.js";
import type { Command } from "../command.js";
import {
  findFlowTarget,
  findRunTarget,
  openRunSession,
  openSession,
  parseForFlow,
  readFlowCommandLine,
  type FlowCommandLine,
} from "../flow-command.js";
import type { Host } from "../host.js";
import { everywhere, settingOption } from "../option.js";
import type { Execution } from "../run-execution.js";
import { namesTask, readSpinTarget } from "../../runner/spin-target.js";

/** As Node's own --inspect. */
const INSPECT_PORT = 9229;

export const spinCommand: Command = {
  name: "spin",
  usage: "[FLOW] PATHSPEC [options]",
  description: [
    "Runs one task of an earlier run again, by itself, on exactly what it started from: also one that failed.",
    "PATHSPEC is the task: ScoreFlow/12/score/3, or 12/score/3, or score/3 of the newest run, or score where one task will do.",
    "The code is FLOW's as it is now; without FLOW, what the run recorded. The run stays as it is: the result is kept apart.",
  ].join("\n"),
  options: [
    { name: "set", placeholder: "NAME=JSON", help: "start with another value of an artifact or parameter (repeatable)", repeatable: true },
    { name: "code", placeholder: "today|recorded", help: "which code runs", fallback: "today; recorded without FLOW" },
    { name: "inspect", help: "wait for a debugger, and stop in the step's first line" },
    { name: "inspect-port", placeholder: "PORT", help: "where the debugger finds it; implies --inspect", fallback: String(INSPECT_PORT) },
    settingOption("datastore"),
    settingOption("maxLogSize", { fallback: "as before" }),
    settingOption("quiet"),
    settingOption("json", { help: "print one event a line, as JSON" }),
    ...everywhere,
  ],
  examples: [
    { command: "millrace spin score.ts score/3", does: "run a task of the newest run again, with the code as it is now" },
    { command: "millrace spin score.ts ScoreFlow/12/score --set alpha=0.5", does: "the one that failed in run 12, with another parameter" },
    { command: "millrace spin ScoreFlow/12/score/3", does: "with the code that the run recorded" },
    { command: "millrace spin score.ts score/3 --inspect", does: "stopped in its first line, under a debugger" },
    { command: `millrace spin score.ts join --set 'score/3.scores=[1, 2]'`, does: "a join, with another value in one of its inputs" },
  ],

  async run(args, host) {
    const line = readFlowCommandLine(args, spinCommand);
    if (line.help) {
      const { printHelp } = await import("../print-help.js");
      return printHelp(spinCommand, host);
    }
    // A spin takes no parameters but by --set, so its line can be read before the flow is.
    const parsed = parseForFlow(line, spinCommand, undefined, 1);
    const set = readSetValues(parsed);
    const plan = await planSpin(line, parsed, host);
    const loading = import("../run-execution.js");
    await using session = await plan.opening;
    const { executeSpin } = await loading;
    const target = readSpinTarget(plan.pathspec, session.definition.name);
    const { inspect } = plan;
    return await executeSpin({ session, target: plan.target, host }, { ...target, set, code: plan.code, ...(inspect !== undefined && { inspect }) });
  },
};

interface SpinPlan {
  readonly target: Execution["target"];
  readonly pathspec: string;
  readonly code: "today" | "recorded";
  readonly inspect: InspectSpec | undefined;
  readonly opening: Promise<FlowSession>;
}

async function planSpin(line: FlowCommandLine, parsed: Arguments, host: Host): Promise<SpinPlan> {
  const code = codeOption(parsed);
  const inspect = inspectOption(parsed);
  const { reference = "" } = line;
  const [named] = parsed.positionals;
  if (named === undefined && namesTask(reference) && !existsSync(resolve(host.cwd, reference))) {
    if (code === "today") throw argumentMissing("a flow's file, whose code is to run", `millrace spin flow.ts ${reference} --code today`);
    return recordedPlan(line, reference, inspect, host);
  }
  const target = findFlowTarget(line, spinCommand, host);
  if (named === undefined) throw argumentMissing("the task to run again", `millrace spin ${reference} score/3`);
  if (code === "recorded") return recordedPlan(line, await wholePathspec(named.text, target, host), inspect, host);
  return { target, pathspec: named.text, code: "today", inspect, opening: openSession(target, host, inspect !== undefined) };
}

function recordedPlan(line: FlowCommandLine, pathspec: string, inspect: SpinPlan["inspect"], host: Host): SpinPlan {
  const target = findRunTarget({ ...line, reference: pathspec.split("/").slice(0, 2).join("/") }, host);
  return { target, pathspec, code: "recorded", inspect, opening: openRunSession(target, host, inspect !== undefined) };
}

/** The flow's name, which a short pathspec lacks, stands in its code. */
async function wholePathspec(text: string, target: Parameters<typeof openSession>[0], host: Host): Promise<string> {
  if (namesTask(text)) return text;
  await using session = await openSession(target, host);
  const { name } = session.definition;
  const { originRun, step, task } = readSpinTarget(text, name);
  return formatPathspec(name, originRun, step, task);
}

function codeOption({ options }: Arguments): "today" | "recorded" | undefined {
  const [given] = options.get("code")?.values ?? [];
  if (given === undefined || given === "today" || given === "recorded") return given;
  throw new MillraceError("bad-option-value", { source: "--code", value: `“${given}”`, expected: "today or recorded" });
}

function inspectOption(given: Arguments): InspectSpec | undefined {
  const port = wholeNumberOption(given, "inspect-port");
  return port === undefined && !given.options.has("inspect") ? undefined : { host: "127.0.0.1", port: port ?? INSPECT_PORT };
}

function readSetValues({ options }: Arguments): readonly SetValue[] {
  return (options.get("set")?.values ?? []).map((text) => {
    const [, name, json] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || json === undefined)
      throw new MillraceError("bad-option-value", { source: "--set", value: `“${text}”`, expected: "NAME=JSON" });
    return { name: name.trim(), value: readJson(name, json), source: `--set ${name.trim()}` };
  });
}

function readJson(name: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new MillraceError("bad-option-value", {
      source: `--set ${name}`,
      value: `“${json}”`,
      expected: `JSON, a text in double quotes: --set '${name}="text"'`,
    });
  }
}

function argumentMissing(argument: string, usage: string): MillraceError {
  return new MillraceError("argument-missing", { command: "spin", argument, usage });
}
