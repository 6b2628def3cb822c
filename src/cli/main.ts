import { MillraceError } from "../core/errors/millrace-error.js";
import { nearestName } from "../core/nearest-name.js";
import { commandNames, isCommandName } from "./command-summaries.js";
import { commandTable } from "./command-table.js";
import { processHost, type Host } from "./host.js";

/** Runs a command line, without `node` and `millrace`. Prints what there is to say and returns the exit code. */
export async function main(args: readonly string[], host: Host = processHost()): Promise<number> {
  try {
    return await callCommand(args, host);
  } catch (error) {
    return await printError(error, args, host);
  }
}

/** Ends the process after an error that nobody expected, saying what it was: a stack of our own code is no answer. */
export async function reportCrash(thrown: unknown): Promise<never> {
  process.exit(await printError(thrown, process.argv.slice(2), processHost()));
}

async function callCommand([word = "help", ...rest]: readonly string[], host: Host): Promise<number> {
  const [topic, ...more] = rest;
  if (word === "help" && topic !== undefined && isCommandName(topic)) return callCommand([topic, "--help", ...more], host);
  if (isCommandName(word)) {
    const command = await commandTable[word]();
    return command.run(rest, host);
  }
  if (word === "--help" || word === "-h") return callCommand(["help", ...rest], host);
  if (word === "--version" || word === "-v") return callCommand(["version", ...rest], host);
  if (word === "complete" && rest[0] === "--") {
    // What completion scripts ask; people ask for them with `millrace completion`.
    const { answerCompletion } = await import("./completion/answer.js");
    return answerCompletion(rest.slice(1), host);
  }
  throw unknownCommand(word);
}

function unknownCommand(word: string): MillraceError {
  if (word.startsWith("-")) return new MillraceError("command-missing", { option: word });
  const isFlow = /\.[cm]?[jt]sx?(?:#|$)/.test(word);
  const nearest = isFlow ? `run ${word}` : nearestName(word, commandNames);
  return new MillraceError("unknown-command", { command: word, nearest: nearest === undefined ? undefined : `millrace ${nearest}` });
}

/** Prints what stopped the command, and returns the exit code. */
async function printError(thrown: unknown, args: readonly string[], host: Host): Promise<number> {
  const [{ exitCodeOfError, formatError }, { openScreen }, { isDebugging }, { findProjectRoot }] = await Promise.all([
    import("../terminal/error-text.js"),
    import("./screen.js"),
    import("../config/environment.js"),
    import("../bundle/project-root.js"),
  ]);
  // The settings may be what is wrong, so only the words on the command line are asked about colours.
  const setting = args.includes("--no-color") ? "never" : args.includes("--color") ? "always" : "auto";
  const { err, errorColors } = openScreen(host, setting);
  err.write(formatError(thrown, { root: findProjectRoot(host.cwd), colors: errorColors, debug: isDebugging(host.environment) }));
  await err.flush();
  return exitCodeOfError(thrown);
}
