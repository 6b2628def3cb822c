import { MillraceError } from "../../core/errors/millrace-error.js";
import { drawGraph, graphFormats, isGraphFormat } from "../../graph/draw-graph.js";
import { exitCodes, type Command } from "../command.js";
import { findFlowTarget, openSession, parseForFlow, readFlowCommandLine } from "../flow-command.js";
import { everywhere, settingOption } from "../option.js";
import { printProblems } from "../run-execution.js";
import { openScreen } from "../screen.js";

export const showCommand: Command = {
  name: "show",
  usage: "FLOW [options]",
  description: "Draws a flow's graph.",
  options: [{ name: "format", placeholder: "text|mermaid|dot|json", help: "how to draw it", fallback: "text" }, settingOption("with"), ...everywhere],
  examples: [
    { command: "millrace show score.ts", does: "in words, for a terminal" },
    { command: "millrace show score.ts --format mermaid", does: "for Markdown" },
    { command: "millrace show score.ts --format dot | dot -Tsvg > score.svg", does: "with Graphviz" },
  ],

  async run(args, host) {
    const line = readFlowCommandLine(args, showCommand);
    if (line.help) {
      const { printHelp } = await import("../print-help.js");
      return printHelp(showCommand, host);
    }
    const parsed = parseForFlow(line, showCommand, undefined);
    const [format = "text"] = parsed.options.get("format")?.values ?? [];
    if (!isGraphFormat(format)) {
      throw new MillraceError("bad-option-value", {
        source: "--format",
        value: `“${format}”`,
        expected: graphFormats.join(", ").replace(/, (\w+)$/, " or $1"),
      });
    }
    const target = findFlowTarget(line, showCommand, host);
    await using session = await openSession(target, host);
    const screen = openScreen(host, target.settings.color);
    if (session.graph === undefined || (await printProblems(session, target.settings, screen))) return exitCodes.usage;
    screen.out.write(drawGraph(session.graph, format, session.definition.parameters));
    await screen.out.flush();
    return exitCodes.done;
  },
};
