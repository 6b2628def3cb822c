import { isMillraceError } from "../core/errors/millrace-error.js";
import { formatPosition, type SourcePosition } from "../core/source-position.js";
import { colorCodeFrame, readCodeFrame } from "./code-frame.js";
import type { Colors } from "./colors.js";
import { hintLine, indent } from "./failure-text.js";

export interface ErrorTextInputs {
  /** The folder that positions start from. */
  readonly root: string;
  readonly colors: Colors;
  /** Show the stacks of our own code (`MILLRACE_DEBUG=1`). */
  readonly debug: boolean;
}

/**
 * What stopped a command: the message, the place with its source, what to do next; of several errors each. Anything but
 * an error of ours is a bug in millrace, and said to be one.
 */
export function formatError(error: unknown, inputs: ErrorTextInputs): string {
  const { root, colors, debug } = inputs;
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map((each) => formatError(each, inputs)).join("\n");
  if (!isMillraceError(error)) return formatBug(error, colors, debug);
  const { message, code, hint, position } = error;
  const [first = "", ...more] = message.split("\n");
  const lines = [`${colors.red(colors.bold("error"))} ${first} ${colors.gray(code)}`];
  // A message of several lines shows the places that it speaks of itself.
  if (more.length > 0) lines.push("", indent(colorCodeFrame(more.join("\n").replace(/^\n+|\n+$/g, ""), colors), 2), "");
  else if (position !== undefined) lines.push(...placeLines(position, root, colors));
  lines.push(`  ${hintLine(hint, colors)}`);
  if (debug) lines.push("", indent(colors.gray(stackOf(error)), 2));
  return `${lines.join("\n")}\n`;
}

function placeLines(position: SourcePosition, root: string, colors: Colors): string[] {
  const place = `  ${colors.cyan(formatPosition(position))}`;
  const frame = readCodeFrame(root, position);
  return frame === undefined ? [place] : [place, "", indent(colorCodeFrame(frame, colors), 2), ""];
}

function formatBug(error: unknown, colors: Colors, debug: boolean): string {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const [first = ""] = said.split("\n");
  const lines = [`${colors.red(colors.bold("internal error"))} ${first}`, `  This is a bug in millrace, not in your flow. Please report it.`];
  if (debug) lines.push("", indent(colors.gray(stackOf(error)), 2));
  else lines.push(`  ${hintLine("Run the command again with MILLRACE_DEBUG=1 for the details that a report needs.", colors)}`);
  return `${lines.join("\n")}\n`;
}

/** The stack with those of its causes. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\ncaused by ${stackOf(error.cause)}`;
}

/** What a command ends with that an error stopped: 2 for wrong usage, 1 for the rest. */
export function exitCodeOfError(error: unknown): 1 | 2 {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every((each) => exitCodeOfError(each) === 2) ? 2 : 1;
  return isMillraceError(error) ? error.exitCode : 1;
}
