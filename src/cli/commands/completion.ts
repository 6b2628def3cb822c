import { MillraceError } from "../../core/errors/millrace-error.js";
import { nearestName } from "../../core/nearest-name.js";
import { exitCodes } from "../command.js";
import { shells } from "../completion/shells.js";
import { everywhere } from "../option.js";
import { simpleCommand } from "../simple-command.js";

/** The script asks for a function of the package bash-completion, which not every machine has. */
const BASH_WITHOUT_PACKAGE = `
if ! declare -F _get_comp_words_by_ref >/dev/null; then
    # Stands in for the function of bash-completion, which is not installed.
    _get_comp_words_by_ref() {
        words=("\${COMP_WORDS[@]}")
        cword=$COMP_CWORD
        cur="\${COMP_WORDS[COMP_CWORD]}"
        prev="\${COMP_WORDS[COMP_CWORD - 1]}"
    }
fi
`;

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

  async work({ words: [shell = ""], screen }) {
    if (!shells.some((known) => known === shell)) throw new MillraceError("shell-unknown", { shell, nearest: nearestName(shell, shells) });
    const { script } = await import("@bomb.sh/tab");
    script(shell, "millrace", "millrace");
    if (shell === "bash") screen.out.write(BASH_WITHOUT_PACKAGE);
    return exitCodes.done;
  },
});
