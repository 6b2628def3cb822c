import type { Colors } from "../terminal/colors.js";
import { formatTable } from "../terminal/text-table.js";
import type { Command, Example } from "./command.js";
import { commandSummaries } from "./command-summaries.js";
import type { CommandOption } from "./option.js";

/** The list of commands. */
export function formatCommandList(colors: Colors, version: string): string {
  const commands = Object.entries(commandSummaries).map(([name, summary]) => [`  ${name}`, summary]);
  return `${[
    `${colors.bold("millrace")} ${version}: data pipelines in TypeScript`,
    "",
    "usage: millrace COMMAND [arguments and options]",
    "",
    ...formatTable([{ title: "" }, { title: "" }], commands),
    "",
    "millrace COMMAND --help says more. New here? millrace init my-project",
  ].join("\n")}\n`;
}

/** A group of options under a title. */
export interface OptionGroup {
  readonly title: string;
  /** What stands below the title. */
  readonly text?: string;
  readonly options: readonly CommandOption[];
}

/** A command's help: usage, what it does, options, examples. */
export function formatCommandHelp(command: Command, colors: Colors, groups: readonly OptionGroup[] = []): string {
  const all = [...groups, { title: "Options", options: command.options }];
  return `${[
    `usage: millrace ${command.name} ${command.usage}`.trimEnd(),
    "",
    command.description,
    ...all.flatMap((group) => formatGroup(group, colors)),
    ...formatExamples(command.examples, colors),
  ].join("\n")}\n`;
}

function formatGroup({ title, text, options }: OptionGroup, colors: Colors): string[] {
  const rows = options.map((option) => [`  ${spelling(option)}`, explanation(option)]);
  return ["", colors.bold(title), ...(text === undefined ? [] : [text, ""]), ...formatTable([{ title: "" }, { title: "" }], rows)];
}

function spelling({ name, short, placeholder }: CommandOption): string {
  return `${short === undefined ? "" : `-${short}, `}--${name}${placeholder === undefined ? "" : ` ${placeholder}`}`;
}

function explanation({ help, fallback }: CommandOption): string {
  return fallback === undefined ? help : `${help} [${fallback}]`.trimStart();
}

function formatExamples(examples: readonly Example[], colors: Colors): string[] {
  if (examples.length === 0) return [];
  const rows = examples.map(({ command, does }) => [`  ${command}`, does]);
  return ["", colors.bold("Examples"), ...formatTable([{ title: "" }, { title: "" }], rows)];
}
