import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { codeFrame } from "../bundle/code-frame.js";
import type { SourcePosition } from "../core/source-position.js";
import type { Colors } from "./colors.js";

/** The source around a place, without colours; undefined when the file cannot be read any more. */
export function readCodeFrame(root: string, position: SourcePosition): string | undefined {
  let source: string;
  try {
    source = readFileSync(resolve(root, position.file), "utf8");
  } catch {
    return undefined;
  }
  return codeFrame(source, position.line, position.column);
}

const FRAME_LINE = /^(>?)(\s*\d*\s*)(\|)(.*)$/;

/** Colours a code frame: the place in red, line numbers faint. */
export function colorCodeFrame(frame: string, colors: Colors): string {
  if (!colors.isColorSupported) return frame;
  return frame
    .split("\n")
    .map((line) => {
      const [, mark = "", gutter = "", bar = "", code = ""] = FRAME_LINE.exec(line) ?? [];
      if (bar === "") return line;
      const shown = /^\s*\^+/.test(code) && gutter.trim() === "" ? colors.red(colors.bold(code)) : code;
      return `${mark === "" ? "" : colors.red(colors.bold(mark))}${colors.gray(gutter + bar)}${shown}`;
    })
    .join("\n");
}
