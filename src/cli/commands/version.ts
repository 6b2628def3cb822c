import { version } from "../../core/version.js";
import { exitCodes } from "../command.js";
import { everywhere } from "../option.js";
import { simpleCommand } from "../simple-command.js";

export const versionCommand = simpleCommand({
  name: "version",
  usage: "",
  description: "Prints millrace's version; so do --version and -v.",
  options: everywhere,
  examples: [],
  words: { least: 0, most: 0, what: "nothing" },

  async work({ screen }) {
    screen.out.write(`${version}\n`);
    return exitCodes.done;
  },
});
