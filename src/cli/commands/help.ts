import { MillraceError } from "../../core/errors/millrace-error.js";
import { nearestName } from "../../core/nearest-name.js";
import { version } from "../../core/version.js";
import { commandNames, commandTable, isCommandName } from "../command-table.js";
import { exitCodes } from "../command.js";
import { formatCommandList } from "../help-text.js";
import { everywhere } from "../option.js";
import { simpleCommand } from "../simple-command.js";

export const helpCommand = simpleCommand({
  name: "help",
  usage: "[COMMAND]",
  description: "Lists the commands, or prints one command's help.",
  options: everywhere,
  examples: [{ command: "millrace help run", does: "the same as millrace run --help" }],
  words: { least: 0, most: 1, what: "a command" },

  async work({ words: [word], screen, host }) {
    if (word === undefined) {
      screen.out.write(formatCommandList(screen.colors, version));
      return exitCodes.done;
    }
    if (!isCommandName(word)) {
      const nearest = nearestName(word, commandNames);
      throw new MillraceError("unknown-command", { command: word, nearest: nearest === undefined ? undefined : `millrace help ${nearest}` });
    }
    const command = await commandTable[word].load();
    return command.run(["--help"], host);
  },
});
