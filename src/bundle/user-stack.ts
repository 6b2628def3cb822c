import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { StackFrame } from "../core/failure.js";
import type { SourcePosition } from "../core/source-position.js";
import type { Locator } from "./locator.js";
import { findUpward } from "./project-root.js";
import { isInstalled, shownPath } from "./source-path.js";

/** One line of a stack, as Node printed it. */
interface PrintedFrame {
  readonly function: string;
  /** Absolute. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** More than this is a recursion, of which the innermost calls tell all. */
const maxFrames = 50;

/** The frames of a stack that are the user's own, innermost first: no Node, no packages, none of millrace. */
export function userFrames(stack: string, locator: Locator): readonly StackFrame[] {
  const frames: StackFrame[] = [];
  for (const line of stack.split("\n")) {
    const printed = parseFrame(line);
    const frame = printed === undefined ? undefined : userFrame(printed, locator);
    if (frame !== undefined) frames.push(frame);
    if (frames.length === maxFrames) break;
  }
  return frames;
}

/** The user's source at a place that Node printed as `file:line`; undefined for places that are not the user's. */
export function positionOf(printed: string, column: number, locator: Locator): SourcePosition | undefined {
  const place = /^(.*):(\d+)$/.exec(printed);
  const file = place?.[1] === undefined ? undefined : pathOf(place[1]);
  const frame = file === undefined ? undefined : userFrame({ function: "", file, line: Number(place?.[2]), column }, locator);
  return frame && { file: frame.file, line: frame.line, column: frame.column };
}

function userFrame({ function: name, file, line, column }: PrintedFrame, locator: Locator): StackFrame | undefined {
  // Stacks come mapped, unless the user's code has its own way of printing them.
  if (file === locator.bundlePath) {
    const position = locator.position(line, column);
    return position && { function: sourceName(name, locator.sourceOf(position.file)), ...position };
  }
  const shown = shownPath(locator.projectRoot, file);
  const source = locator.sourceOf(shown);
  // Code that the flow imports at run time by a computed path is in no bundle.
  const isOwn = source !== undefined || (file.startsWith(locator.projectRoot + sep) && !isInstalled(locator.projectRoot, file) && !isFramework(file));
  return isOwn ? { function: sourceName(name, source), file: shown, line, column } : undefined;
}

function parseFrame(line: string): PrintedFrame | undefined {
  const text = /^\s+at (.*)$/.exec(line)?.[1];
  if (text === undefined) return undefined;
  const named = /^(.*) \((.*)\)$/.exec(text);
  const place = /^(.*):(\d+):(\d+)$/.exec(named?.[2] ?? text.replace(/^async /, ""));
  const file = place?.[1] === undefined ? undefined : pathOf(place[1]);
  if (file === undefined) return undefined;
  return { function: plainName(named?.[1] ?? ""), file, line: Number(place?.[2]), column: Number(place?.[3]) };
}

function pathOf(location: string): string | undefined {
  if (location.startsWith("file:")) {
    try {
      return fileURLToPath(location.replace(/[?#].*$/, ""));
    } catch {
      return undefined;
    }
  }
  return /^(?:\/|[A-Za-z]:[\\/])/.test(location) ? location : undefined;
}

function plainName(name: string): string {
  const plain = name.replace(/^async /, "").replace(/ \[as [^\]]*\]$/, "");
  return /^(?:Object\.)?<anonymous>$/.test(plain) ? "" : plain;
}

/** A name as the source has it: esbuild calls a decorated class `_ScoreFlow`, and the second of two namesakes `read2`. */
function sourceName(name: string, source: string | undefined): string {
  return name.replace(/^((?:new )?)([\w$]+)/, (whole: string, before: string, word: string) => {
    if (source === undefined || source.includes(word)) return whole;
    const written = [word.replace(/^_/, ""), word.replace(/\d+$/, ""), word.replace(/^_/, "").replace(/\d+$/, "")].find(
      (candidate) => candidate !== "" && source.includes(candidate),
    );
    return before + (written ?? word);
  });
}

let installation: string | undefined;

/** Whether a file is millrace's own code; where a project contains millrace (its repository), folders do not tell. */
function isFramework(file: string): boolean {
  installation ??= findInstallation();
  return ["dist", "src"].some((folder) => file.startsWith(join(installation ?? "", folder) + sep));
}

function findInstallation(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  return dirname(findUpward(here, "package.json") ?? here);
}
