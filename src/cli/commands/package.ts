import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { messageOf, MillraceError } from "../../core/errors/millrace-error.js";
import { exitCodes, type Command } from "../command.js";
import { findFlowTarget, openSession, parseForFlow, readFlowCommandLine } from "../flow-command.js";
import { everywhere, settingOption } from "../option.js";
import { printProblems } from "../run-execution.js";
import { openScreen } from "../screen.js";
import { printJson } from "../simple-command.js";

export const packageCommand: Command = {
  name: "package",
  usage: "FLOW [options]",
  description: "Tells what travels with a flow to other machines: archives, their files and sizes, what is left out. Nothing is sent.",
  options: [
    { name: "list", help: "every file" },
    { name: "output", placeholder: "FILE", help: "write all of it to FILE, a .tar.gz, to look into" },
    settingOption("packageSuffixes"),
    settingOption("with"),
    settingOption("json"),
    ...everywhere,
  ],
  examples: [
    { command: "millrace package score.ts", does: "archives, sizes, and why packages travel as files" },
    { command: "millrace package score.ts --package-suffixes .csv --list", does: "every file" },
    { command: "millrace package score.ts --output score.tar.gz", does: "what a job unpacks" },
  ],

  async run(args, host) {
    const line = readFlowCommandLine(args, packageCommand);
    if (line.help) {
      const { printHelp } = await import("../print-help.js");
      return printHelp(packageCommand, host);
    }
    const { options } = parseForFlow(line, packageCommand, undefined);
    const target = findFlowTarget(line, packageCommand, host);
    const { settings } = target;
    await using session = await openSession(target, host);
    const screen = openScreen(host, settings.color);
    if (await printProblems(session, settings, screen)) return exitCodes.usage;
    const [{ packagingOptionsOf }, { formatPackage, packageJson }, { pack }] = await Promise.all([
      import("../../runner/run-options.js"),
      import("../reading/package-text.js"),
      import("../../packing/tar-gz.js"),
    ]);
    const made = await session.package(packagingOptionsOf(settings));
    const { name } = session.definition;
    const [output] = options.get("output")?.values ?? [];
    if (output !== undefined) write(resolve(host.cwd, output), pack(made.archives.map(({ tar }) => tar)));
    if (settings.json) printJson(screen, packageJson(name, made));
    else screen.out.write(formatPackage(name, made, { list: options.has("list"), colors: screen.colors }));
    await screen.out.flush();
    return exitCodes.done;
  },
};

function write(file: string, bytes: Uint8Array): void {
  try {
    writeFileSync(file, bytes);
  } catch (error) {
    throw new MillraceError("package-unwritable", { file, reason: messageOf(error) }, { cause: error });
  }
}
