import { exitCodes, type Command } from "../command.js";
import { findFlowTarget, openSession, parseForFlow, readFlowCommandLine } from "../flow-command.js";
import { runOptions } from "../run-options.js";

export const runCommand: Command = {
  name: "run",
  usage: "FLOW [--PARAMETER VALUE …] [options]",
  description:
    "Starts a run of a flow. FLOW is its file, or file.ts#Name where a file holds several.\nWith a flow, --help shows the flow's own parameters as well.",
  options: runOptions,
  examples: [
    { command: "millrace run score.ts", does: "run it" },
    { command: "millrace run score.ts --alpha 0.5", does: "with a parameter" },
    { command: "millrace run score.ts --with retry:times=2", does: "try every failing step up to two times more" },
    { command: "millrace run score.ts --help", does: "the parameters of this flow" },
  ],

  async run(args, host) {
    const line = readFlowCommandLine(args, runCommand);
    if (line.help) {
      const { printFlowHelp } = await import("../flow-help.js");
      await printFlowHelp(line, runCommand, host);
      return exitCodes.done;
    }
    const target = findFlowTarget(line, runCommand, host);
    // The flow's process starts first; what showing the run needs is loaded while it comes up.
    const opening = openSession(target, host);
    const loading = import("../run-execution.js");
    await using session = await opening;
    const parsed = parseForFlow(line, runCommand, session.definition);
    const { executeRun } = await loading;
    return await executeRun({ session, target, host }, parsed);
  },
};
