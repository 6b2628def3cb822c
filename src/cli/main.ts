import { isMillraceError, MillraceError } from "../core/errors/millrace-error.js";
import { commandNames, commandTable, isCommandName } from "./command-table.js";
import { exitCodes, type Command } from "./command.js";
import { processHost, type Host } from "./host.js";

/** Runs a command line, without `node` and `millrace`. Prints what there is to say and returns the exit code. */
export async function main(args: readonly string[], host: Host = processHost()): Promise<number> {
  try {
    const [word, ...rest] = args;
    const command = await findCommand(word);
    return await command.run(word === undefined ? [] : rest, host);
  } catch (error) {
    await printError(error, args, host);
    return isMillraceError(error) ? error.exitCode : exitCodes.failed;
  }
}

async function findCommand(word: string | undefined): Promise<Command> {
  if (word === undefined || word === "--help" || word === "-h") return commandTable.help.load();
  if (word === "--version" || word === "-v") return commandTable.version.load();
  if (isCommandName(word)) return commandTable[word].load();
  if (word.startsWith("-")) throw new MillraceError("command-missing", { option: word });
  throw new MillraceError("unknown-command", { command: word, nearest: await nearestCommand(word) });
}

async function nearestCommand(word: string): Promise<string | undefined> {
  if (/\.[cm]?[jt]sx?(?:#|$)/.test(word)) return `millrace run ${word}`;
  const { nearestName } = await import("../core/nearest-name.js");
  const nearest = nearestName(word, commandNames);
  return nearest === undefined ? undefined : `millrace ${nearest}`;
}

async function printError(error: unknown, args: readonly string[], host: Host): Promise<void> {
  const [{ formatError }, { openScreen }, { isDebugging }, { findProjectRoot }] = await Promise.all([
    import("../terminal/error-text.js"),
    import("./screen.js"),
    import("../config/environment.js"),
    import("../bundle/project-root.js"),
  ]);
  // The settings may be what is wrong, so only the words on the command line are asked about colours.
  const setting = args.includes("--no-color") ? "never" : args.includes("--color") ? "always" : "auto";
  const { err, errorColors } = openScreen(host, setting);
  err.write(formatError(error, { root: findProjectRoot(host.cwd), colors: errorColors, debug: isDebugging(host.environment) }));
  await err.flush();
}
