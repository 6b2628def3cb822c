import { findProjectRoot } from "../bundle/project-root.js";
import { readSettings, type Settings } from "../config/settings.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import { parseArguments, settingFlags, type Arguments } from "./arguments.js";
import type { Command } from "./command.js";
import type { Host } from "./host.js";
import { printHelp } from "./print-help.js";
import { openScreen, type Screen } from "./screen.js";

/** What a command that takes no flow is called with. */
export interface CommandCall {
  /** The words that are no options. */
  readonly words: readonly string[];
  readonly arguments: Arguments;
  readonly settings: Settings;
  readonly host: Host;
  readonly screen: Screen;
}

/** A command without a flow: what it is, how many words it takes, and its work. */
export interface SimpleCommand extends Omit<Command, "run"> {
  readonly words: { readonly least: number; readonly most: number; readonly what: string };
  work(call: CommandCall): Promise<number>;
}

/** Makes a command of its work: arguments, help, settings of the project at hand, and the end of output are seen to. */
export function simpleCommand(definition: SimpleCommand): Command {
  const { work, words, ...described } = definition;
  const command: Command = {
    ...described,
    async run(args, host) {
      const parsed = parseArguments(args, { command: command.name, options: command.options });
      if (parsed.options.has("help")) return printHelp(command, host);
      const texts = parsed.positionals.map(({ text }) => text);
      countWords(command, words, texts);
      const settings = readSettings({ root: findProjectRoot(host.cwd), cwd: host.cwd, environment: host.environment, flags: settingFlags(parsed) });
      const screen = openScreen(host, settings.color);
      try {
        return await work({ words: texts, arguments: parsed, settings, host, screen });
      } finally {
        await screen.out.flush();
        await screen.err.flush();
      }
    },
  };
  return command;
}

function countWords({ name, usage }: Command, { least, most, what }: SimpleCommand["words"], given: readonly string[]): void {
  const full = `millrace ${name} ${usage}`.trimEnd();
  if (given.length < least) throw new MillraceError("argument-missing", { command: name, argument: what, usage: full });
  const surplus = given[most];
  if (surplus !== undefined) throw new MillraceError("argument-unexpected", { command: name, argument: surplus, usage: full });
}

/** Prints a value as JSON on several lines, as a file would hold it. */
export function printJson(screen: Screen, value: unknown): void {
  screen.out.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
