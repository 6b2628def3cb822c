const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} (?=\[)/;
const START_OR_END = /^\[[^\]]+\] (?:started|done in )/;

/** What a command printed, in short, as documents show it: without times, and without the lines that say that a task started or is done. */
export function inShort(printed: string): string {
  return printed
    .split("\n")
    .map((line) => line.replace(TIME, ""))
    .filter((line) => !START_OR_END.test(line))
    .join("\n");
}

/**
 * Whether a command printed what a document shows. `…` stands for any characters of a line; a line that is nothing but `…` for any
 * number of lines, none included. Times (`0.4s`, `12ms`, `3m 05s`, `just now`, `5 min ago`) stand for any, and so does the number of
 * spaces between the columns of a line that has one. Everything else is meant as it stands, spaces at the ends of lines apart.
 */
export function isExpected(expected: string, actual: string): boolean {
  const text = lines(actual).map((line) => `${line}\n`);
  return new RegExp(`^${lines(expected).map(linePattern).join("")}$`, "u").test(text.join(""));
}

const SOME_TIME = /\b(?:\d+(?:\.\d+)?(?:ms|s|m|h|d)(?: \d+[smh])?|just now|\d+ (?:s|min|h|days?) ago)\b/u;

/** A regular expression for what a shown line stands for, with its line end. */
export function linePattern(line: string): string {
  if (isGap(line)) return "(?:.*\\n)*?";
  const fixed = line.split("…").map((part) => part.split(SOME_TIME).map(escape));
  const pattern = fixed.map((parts) => parts.join(SOME_TIME.source)).join(".*?");
  return `${SOME_TIME.test(line) ? pattern.replaceAll(/ {2,}/g, " {2,}") : pattern}\\n`;
}

/** Whether a line stands for any number of lines. */
export function isGap(line: string): boolean {
  return line.trim() === "…";
}

/** A text's lines, without spaces at their ends and empty lines at its end. */
export function lines(text: string): string[] {
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.trimEnd());
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
