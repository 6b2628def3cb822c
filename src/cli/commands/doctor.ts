import { runChecks, type Finding } from "../doctor/findings.js";
import { plural } from "../../core/quantity-text.js";
import type { Colors } from "../../terminal/colors.js";
import { padText } from "../../terminal/text-width.js";
import { parseArguments, settingFlags } from "../arguments.js";
import { exitCodes, type Command } from "../command.js";
import { everywhere, settingOption } from "../option.js";
import { openScreen } from "../screen.js";
import { printJson } from "../simple-command.js";

export const doctorCommand: Command = {
  name: "doctor",
  usage: "",
  description: "Checks that everything millrace needs is there, and says what to do where it is not.",
  options: [settingOption("datastore"), settingOption("json"), ...everywhere],
  examples: [{ command: "millrace doctor", does: "exit code 1 when something is broken" }],

  // Not made like the other simple commands: bad settings are among what it has to report, so they cannot stop it.
  async run(args, host) {
    const parsed = parseArguments(args, { command: "doctor", options: doctorCommand.options });
    if (parsed.options.has("help")) {
      const { printHelp } = await import("../print-help.js");
      return printHelp(doctorCommand, host);
    }
    const flags = settingFlags(parsed);
    const screen = openScreen(host, flags.color?.[0] === "never" ? "never" : flags.color?.[0] === "always" ? "always" : "auto");
    const findings = await runChecks(host, flags);
    if (flags.json?.[0] === "true") printJson(screen, findings);
    else screen.out.write(formatFindings(findings, screen.colors));
    await screen.out.flush();
    return findings.some(({ level }) => level === "fail") ? exitCodes.failed : exitCodes.done;
  },
};

function formatFindings(findings: readonly Finding[], colors: Colors): string {
  const marks = { ok: colors.green("ok  "), warn: colors.yellow("warn"), fail: colors.red("fail") };
  const width = Math.max(...findings.map(({ what }) => what.length));
  const lines = findings.flatMap(({ level, what, found, advice }) => [
    `${marks[level]}  ${padText(what, width)}  ${found}`,
    ...(advice === undefined ? [] : [`      ${" ".repeat(width)}  ${colors.cyan("→")} ${advice}`]),
  ]);
  const count = (level: Finding["level"]): number => findings.filter((finding) => finding.level === level).length;
  const last =
    count("fail") > 0
      ? colors.red(`${plural(count("fail"), "problem")} to solve.`)
      : count("warn") > 0
        ? `Ready, with ${plural(count("warn"), "warning")}.`
        : colors.green("All is well.");
  return `${lines.join("\n")}\n\n${last}\n`;
}
