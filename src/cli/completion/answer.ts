import { RootCommand, type Command as Completed, type Complete } from "@bomb.sh/tab";
import { commandNames, commandSummaries, type CommandName } from "../command-summaries.js";
import { commandTable } from "../command-table.js";
import { exitCodes } from "../command.js";
import type { Host } from "../host.js";
import { cardActions } from "../commands/card.js";
import { tagActions } from "../commands/tag.js";
import { remoteJobsActions } from "../remote-jobs-command.js";
import { flowFileCandidates, flowNameCandidates, runCandidates } from "./candidates.js";
import { shells } from "./shells.js";

/** Answers a completion script: the words that may stand where the last of `words` (it may be empty) has begun. */
export async function answerCompletion(words: readonly string[], host: Host): Promise<number> {
  const root = new RootCommand();
  const [name] = words;
  const current = words.at(-1) ?? "";
  for (const command of commandNames) {
    const completed = root.command(command, commandSummaries[command]);
    if (command === name) await describe(command, completed, current, host);
  }
  root.parse([...words]);
  return exitCodes.done;
}

/** Tells the completed command's options and what its first word may be. */
async function describe(name: CommandName, completed: Completed, current: string, host: Host): Promise<void> {
  const command = await commandTable[name]();
  for (const option of command.options) {
    if (option.placeholder === undefined) completed.option(option.name, option.help);
    else completed.option(option.name, option.help, valuesOf(option.placeholder));
  }
  const candidates = await firstWords(name, current, host);
  completed.argument("word", (complete) => offer(complete, candidates));
}

async function firstWords(name: CommandName, current: string, host: Host): Promise<readonly string[]> {
  switch (name) {
    case "run":
    case "check":
    case "show":
    case "package":
      return flowFileCandidates(current, host.cwd);
    case "resume":
    case "spin":
      return [...flowFileCandidates(current, host.cwd), ...(await runCandidates(host))];
    case "status":
    case "logs":
    case "dump":
    case "diff":
    case "why":
      return runCandidates(host);
    case "runs":
    case "gc":
      return flowNameCandidates(host);
    case "tag":
      return tagActions;
    case "card":
      return cardActions;
    case "batch":
    case "slurm":
      return remoteJobsActions;
    case "completion":
      return shells;
    case "help":
      return commandNames;
    case "init":
    case "doctor":
    case "version":
      return [];
  }
}

/** Placeholders such as `text|json` list the values themselves. */
function valuesOf(placeholder: string): (complete: Complete) => void {
  const values = placeholder.split("|").filter((word) => /^[a-z]+$/.test(word));
  return (complete) => offer(complete, values);
}

function offer(complete: Complete, values: readonly string[]): void {
  for (const value of values) complete(value, "");
}
