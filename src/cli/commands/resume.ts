import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { MillraceError } from "../../core/errors/millrace-error.js";
import { parsePathspec } from "../../core/pathspec.js";
import type { Arguments } from "../arguments.js";
import type { Command } from "../command.js";
import type { FlowSession } from "../../runner/run-request.js";
import type { Host } from "../host.js";
import {
  findFlowTarget,
  findRunTarget,
  openRunSession,
  openSession,
  parseForFlow,
  readFlowCommandLine,
  type FlowCommandLine,
} from "../flow-command.js";
import { namesRun } from "../flow-reference.js";
import { resumeOptions } from "../run-options.js";
import type { Execution, ResumeOrigin } from "../run-execution.js";

export const resumeCommand: Command = {
  name: "resume",
  usage: "FLOW|RUN [STEP] [options]",
  description: [
    "Makes a new run that goes on from where an earlier one broke: what was done there is not done again.",
    "The code may have changed; the parameters are those of the earlier run. With STEP, that step and all after it run again.",
    "Given a run (ScoreFlow/12) instead of a flow's file, it runs the code that the run recorded.",
  ].join("\n"),
  options: [{ name: "origin-run-id", placeholder: "N", help: "the run to go on from", fallback: "the flow's newest" }, ...resumeOptions],
  examples: [
    { command: "millrace resume score.ts", does: "go on from the newest run" },
    { command: "millrace resume score.ts --origin-run-id 12", does: "from run 12" },
    { command: "millrace resume score.ts join", does: "run join again, and all after it" },
    { command: "millrace resume ScoreFlow/12", does: "from run 12, with the code it ran" },
  ],

  async run(args, host) {
    const line = readFlowCommandLine(args, resumeCommand);
    if (line.help) {
      const { printHelp } = await import("../print-help.js");
      return printHelp(resumeCommand, host);
    }
    // A resume takes no parameters, so its line can be read before the flow is.
    const parsed = parseForFlow(line, resumeCommand, undefined, 1);
    const { target, origin, opening } = namesRecordedRun(line, host) ? startFromRun(line, parsed, host) : startFromFile(line, parsed, host);
    const loading = import("../run-execution.js");
    await using session = await opening;
    const { executeResume } = await loading;
    return await executeResume({ session, target, host }, origin);
  },
};

interface Start {
  readonly target: Execution["target"];
  readonly origin: ResumeOrigin;
  readonly opening: Promise<FlowSession>;
}

function namesRecordedRun({ reference }: FlowCommandLine, { cwd }: Host): boolean {
  return reference !== undefined && namesRun(reference) && !existsSync(resolve(cwd, reference));
}

function startFromRun(line: FlowCommandLine, parsed: Arguments, host: Host): Start {
  const target = findRunTarget(line, host);
  return { target, origin: originOfRun(target.reference, parsed), opening: openRunSession(target, host) };
}

function startFromFile(line: FlowCommandLine, parsed: Arguments, host: Host): Start {
  const origin = originOf(parsed);
  const target = findFlowTarget(line, resumeCommand, host);
  return { target, origin, opening: openSession(target, host) };
}

/** A run that is named is the one to go on from. */
function originOfRun(reference: string, parsed: Arguments): ResumeOrigin {
  const origin = originOf(parsed);
  if (origin.originRun !== undefined) throw new MillraceError("options-exclude", { options: `${reference} and --origin-run-id` });
  const { run } = parsePathspec(reference);
  return { ...origin, ...(run !== undefined && run !== "latest" && { originRun: run }) };
}

function originOf({ positionals, options }: Arguments): ResumeOrigin {
  const [given] = options.get("origin-run-id")?.values ?? [];
  const run = given?.slice(given.lastIndexOf("/") + 1);
  if (given !== undefined && (run === undefined || !/^(?:[1-9]\d*|latest)$/.test(run))) {
    throw new MillraceError("bad-option-value", { source: "--origin-run-id", value: `“${given}”`, expected: "a run's number" });
  }
  const [step] = positionals;
  return {
    ...(run !== undefined && run !== "latest" && { originRun: run }),
    ...(step !== undefined && { fromStep: step.text }),
  };
}
