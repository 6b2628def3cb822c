import { plural } from "../../core/quantity-text.js";
import { exitCodes, type Command } from "../command.js";
import { findFlowTarget, openSession, parseForFlow, readFlowCommandLine } from "../flow-command.js";
import { everywhere, settingOption } from "../option.js";
import { printProblems } from "../run-execution.js";
import { openScreen } from "../screen.js";
import { printJson } from "../simple-command.js";

export const checkCommand: Command = {
  name: "check",
  usage: "FLOW [options]",
  description: "Looks for mistakes in a flow's graph without running it, and tells all it finds.",
  options: [settingOption("with"), settingOption("json"), ...everywhere],
  examples: [{ command: "millrace check score.ts", does: "exit code 0 when all is well, 2 when not" }],

  async run(args, host) {
    const line = readFlowCommandLine(args, checkCommand);
    if (line.help) {
      const { printHelp } = await import("../print-help.js");
      return printHelp(checkCommand, host);
    }
    parseForFlow(line, checkCommand, undefined);
    const target = findFlowTarget(line, checkCommand, host);
    const { settings } = target;
    await using session = await openSession(target, host);
    const screen = openScreen(host, settings.color);
    const { name, steps } = session.definition;
    if (settings.json) printJson(screen, { flow: name, problems: session.problems });
    else if (!(await printProblems(session, settings, screen))) {
      screen.out.write(`${screen.colors.green("✓")} ${name}: no problems in ${plural(steps.length, "step")}\n`);
    }
    await screen.out.flush();
    return session.problems.length === 0 ? exitCodes.done : exitCodes.usage;
  },
};
