import type { Problem } from "../core/graph.js";
import { formatPosition } from "../core/source-position.js";
import { colorCodeFrame, readCodeFrame } from "./code-frame.js";
import type { Colors } from "./colors.js";
import { plural } from "../core/quantity-text.js";
import { hintLine, indent } from "./failure-text.js";

/** Every problem of a flow: where, which, the source, what to do; and how many there are. */
export function formatProblems(problems: readonly Problem[], root: string, colors: Colors): string {
  const blocks = problems.map((problem) => formatProblem(problem, root, colors));
  return `${blocks.join("\n")}\n${colors.red(colors.bold(`${plural(problems.length, "problem")} found.`))}\n`;
}

function formatProblem({ code, message, hint, position }: Problem, root: string, colors: Colors): string {
  const place = position === undefined ? "" : `${colors.cyan(formatPosition(position))} `;
  const frame = position === undefined ? undefined : readCodeFrame(root, position);
  const lines = [`${place}${colors.red("error")} ${message} ${colors.gray(code)}`];
  if (frame !== undefined) lines.push("", indent(colorCodeFrame(frame, colors), 2), "");
  lines.push(`  ${hintLine(hint, colors)}`);
  return `${lines.join("\n")}\n`;
}
