import { MillraceError } from "../../core/errors/millrace-error.js";
import { nearestName } from "../../core/nearest-name.js";
import { exitCodes } from "../command.js";
import { shells } from "../completion/shells.js";
import { everywhere } from "../option.js";
import { simpleCommand } from "../simple-command.js";

export const completionCommand = simpleCommand({
  name: "completion",
  usage: shells.join("|"),
  description: "Prints a script that makes your shell complete commands, options, flows and runs.",
  options: everywhere,
  examples: [
    { command: "source <(millrace completion bash)", does: "in ~/.bashrc" },
    { command: "source <(millrace completion zsh)", does: "in ~/.zshrc" },
    { command: "millrace completion fish | source", does: "in ~/.config/fish/config.fish" },
    { command: "millrace completion powershell | Out-String | Invoke-Expression", does: "in $PROFILE" },
  ],
  words: { least: 1, most: 1, what: "a shell" },

  async work({ words: [shell = ""] }) {
    if (!shells.some((known) => known === shell)) throw new MillraceError("shell-unknown", { shell, nearest: nearestName(shell, shells) });
    const { script } = await import("@bomb.sh/tab");
    script(shell, "millrace", "millrace");
    return exitCodes.done;
  },
});
