import { MillraceError } from "../../core/errors/millrace-error.js";
import type { Arguments } from "../arguments.js";
import type { Command } from "../command.js";
import { findFlowTarget, openSession, parseForFlow, readFlowCommandLine } from "../flow-command.js";
import { runOptions } from "../run-options.js";
import type { ResumeOrigin } from "../run-execution.js";

export const resumeCommand: Command = {
  name: "resume",
  usage: "FLOW [STEP] [options]",
  description: [
    "Makes a new run that goes on from where an earlier one broke: what was done there is not done again.",
    "The code may have changed; the parameters are those of the earlier run. With STEP, that step and all after it run again.",
  ].join("\n"),
  options: [{ name: "origin-run-id", placeholder: "N", help: "the run to go on from", fallback: "the flow's newest" }, ...runOptions],
  examples: [
    { command: "millrace resume score.ts", does: "go on from the newest run" },
    { command: "millrace resume score.ts --origin-run-id 12", does: "from run 12" },
    { command: "millrace resume score.ts join", does: "run join again, and all after it" },
  ],

  async run(args, host) {
    const line = readFlowCommandLine(args, resumeCommand);
    if (line.help) {
      const { printHelp } = await import("../print-help.js");
      return printHelp(resumeCommand, host);
    }
    const target = findFlowTarget(line, resumeCommand, host);
    // A resume takes no parameters, so its line can be read before the flow is.
    const parsed = parseForFlow(line, resumeCommand, undefined, 1);
    const origin = originOf(parsed);
    const opening = openSession(target);
    const loading = import("../run-execution.js");
    await using session = await opening;
    const { executeResume } = await loading;
    return await executeResume({ session, target, host }, origin);
  },
};

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
