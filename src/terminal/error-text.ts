import { isMillraceError } from "../core/errors/millrace-error.js";
import { formatPosition } from "../core/source-position.js";
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
 * What stopped a command: the message, the place with its source, what to do next. Anything but an error of ours is a
 * bug in millrace, and said to be one.
 */
export function formatError(error: unknown, { root, colors, debug }: ErrorTextInputs): string {
  if (!isMillraceError(error)) return formatBug(error, colors, debug);
  const { message, code, hint, position } = error;
  const frame = position === undefined ? undefined : readCodeFrame(root, position);
  const lines = [`${colors.red(colors.bold("error"))} ${message} ${colors.gray(code)}`];
  if (position !== undefined) lines.push(`  ${colors.cyan(formatPosition(position))}`);
  if (frame !== undefined) lines.push("", indent(colorCodeFrame(frame, colors), 2), "");
  lines.push(`  ${hintLine(hint, colors)}`);
  if (debug) lines.push("", indent(colors.gray(stackOf(error)), 2));
  return `${lines.join("\n")}\n`;
}

function formatBug(error: unknown, colors: Colors, debug: boolean): string {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const lines = [`${colors.red(colors.bold("internal error"))} ${said}`, `  This is a bug in millrace, not in your flow. Please report it.`];
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
