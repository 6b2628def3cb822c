import { MillraceError } from "../../core/errors/millrace-error.js";
import { nearestName } from "../../core/nearest-name.js";
import { version } from "../../core/version.js";
import { commandNames } from "../command-summaries.js";
import { exitCodes } from "../command.js";
import { formatCommandList } from "../help-text.js";
import { everywhere } from "../option.js";
import { simpleCommand } from "../simple-command.js";

/** `millrace help COMMAND` does not come here: it is the same as `millrace COMMAND --help`. */
export const helpCommand = simpleCommand({
  name: "help",
  usage: "[COMMAND]",
  description: "Lists the commands, or prints one command's help.",
  options: everywhere,
  examples: [{ command: "millrace help run", does: "the same as millrace run --help" }],
  words: { least: 0, most: 1, what: "a command" },

  async work({ words: [word], screen }) {
    if (word !== undefined) {
      const nearest = nearestName(word, commandNames);
      throw new MillraceError("unknown-command", { command: word, nearest: nearest === undefined ? undefined : `millrace help ${nearest}` });
    }
    screen.out.write(formatCommandList(screen.colors, version));
    return exitCodes.done;
  },
});
