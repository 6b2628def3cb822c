import { exitCodes, type Command } from "./command.js";
import { formatCommandHelp, type OptionGroup } from "./help-text.js";
import type { Host } from "./host.js";
import { openScreen } from "./screen.js";

/** Prints a command's help, with further groups of options before its own. */
export async function printHelp(command: Command, host: Host, groups: readonly OptionGroup[] = []): Promise<number> {
  const { out, colors } = openScreen(host, "auto");
  out.write(formatCommandHelp(command, colors, groups));
  await out.flush();
  return exitCodes.done;
}
