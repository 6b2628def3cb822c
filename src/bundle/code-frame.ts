import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** Longer lines (data, generated code) are cut, so that a frame never floods the terminal. */
const maxLineLength = 240;

/**
 * The source around a place, as text without colours: two lines above, three below, a mark under the column.
 * `line` and `column` count from 1. Undefined when the source has no such line.
 */
export function codeFrame(source: string, line: number, column: number): string | undefined {
  const lines = source.split(/\r?\n/);
  if (line < 1 || line > lines.length) return undefined;
  // Loaded when the first frame is drawn: a run without failures never needs it.
  const { codeFrameColumns } = require("@babel/code-frame") as typeof import("@babel/code-frame");
  const shown = lines.map((text) => (text.length > maxLineLength ? `${text.slice(0, maxLineLength)}…` : text)).join("\n");
  const start = column >= 1 && column <= maxLineLength ? { line, column } : { line };
  return codeFrameColumns(shown, { start }, { highlightCode: false, linesAbove: 2, linesBelow: 3 });
}
