import type { Command } from "./command.js";
import { findFlowTarget, openSession, type FlowCommandLine } from "./flow-command.js";
import type { Host } from "./host.js";
import { parameterOptions } from "./parameter-options.js";
import { printHelp } from "./print-help.js";

/** Prints the help of a command that takes a flow; when the line names one, its own parameters first. */
export async function printFlowHelp(line: FlowCommandLine, command: Command, host: Host): Promise<void> {
  if (line.reference === undefined) {
    await printHelp(command, host);
    return;
  }
  await using session = await openSession(findFlowTarget(line, command, host), host);
  const { name, doc, parameters } = session.definition;
  const title = parameters.length === 0 ? `${name} has no parameters.` : `Parameters of ${name}`;
  await printHelp(command, host, [{ title, options: parameterOptions(parameters), ...(doc !== undefined && { text: doc }) }]);
}
