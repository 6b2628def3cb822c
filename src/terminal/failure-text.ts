import type { Failure, StackFrame } from "../core/failure.js";
import { formatPosition } from "../core/source-position.js";
import { colorCodeFrame } from "./code-frame.js";
import type { Colors } from "./colors.js";

/** Frames shown of one stack. */
const MAX_FRAMES = 10;
/** Errors shown of an AggregateError. */
const MAX_ERRORS = 5;

/**
 * A failure in full: error, place, code frame, the user's frames, causes, and what to do next. Lines without an end,
 * indented by two spaces.
 */
export function formatFailure(failure: Failure, colors: Colors): string {
  return indent(failureLines(failure, colors, "").join("\n"), 2);
}

/** @param above The failure that is shown above this one, which it caused. */
function failureLines(failure: Failure, colors: Colors, heading: string, above?: Failure): string[] {
  const lines = [`${heading}${failureHeadline(failure, colors)}`];
  const [place] = failure.frames;
  // A cause that was made on the very line that is shown already needs no second look at it.
  const isShown = place !== undefined && above?.frames[0]?.file === place.file && above.frames[0].line === place.line;
  if (place !== undefined) lines.push("", `${colors.cyan(formatPosition(place))}${inFunction(place)}`);
  if (failure.codeFrame !== undefined && !isShown) lines.push("", colorCodeFrame(failure.codeFrame, colors));
  const callers = failure.frames.slice(1, MAX_FRAMES);
  if (callers.length > 0) lines.push("", ...callers.map((frame) => colors.gray(`called from ${formatPosition(frame)}${inFunction(frame)}`)));
  if (failure.frames.length > MAX_FRAMES) lines.push(colors.gray(`and ${failure.frames.length - MAX_FRAMES} frames more`));
  for (const error of (failure.errors ?? []).slice(0, MAX_ERRORS)) lines.push("", indent(failureLines(error, colors, "• ").join("\n"), 2));
  const more = (failure.errors?.length ?? 0) - MAX_ERRORS;
  if (more > 0) lines.push("", `  and ${more} more`);
  if (failure.cause !== undefined) lines.push("", ...failureLines(failure.cause, colors, "caused by ", failure));
  if (failure.hint !== undefined) lines.push("", hintLine(failure.hint, colors));
  return lines;
}

/** `TypeError: message`, or the message alone for what millrace says itself. */
export function failureHeadline(failure: Failure, colors: Colors): string {
  const named = failure.name !== "" && failure.name !== "MillraceError";
  return named ? `${colors.red(colors.bold(failure.name))}${failure.message === "" ? "" : `: ${failure.message}`}` : colors.red(failure.message);
}

/** The headline's first line. */
export function failureInBrief(failure: Failure, colors: Colors): string {
  const [first = ""] = failureHeadline(failure, colors).split("\n");
  return first;
}

/** The line that says what to do next. */
export function hintLine(hint: string, colors: Colors): string {
  return `${colors.cyan("→")} ${hint}`;
}

export function indent(text: string, columns: number): string {
  return text.replace(/^(?=.)/gm, " ".repeat(columns));
}

function inFunction(frame: StackFrame): string {
  return frame.function === "" ? "" : ` in ${frame.function}`;
}

/** Tells failures of the same kind from others: the same error thrown at the same place. */
export function failureKind(failure: Failure): string {
  const [place] = failure.frames;
  return `${failure.code} ${failure.name} ${place === undefined ? failure.message : formatPosition(place)} ${failure.message.replace(/\d+/g, "#")}`;
}
