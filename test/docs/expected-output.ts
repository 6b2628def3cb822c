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
 * spaces between the columns of a line that has one. Lines of different tasks next to each other may come in another order, as they do
 * when tasks run at once; those of one task may not. Everything else is meant as it stands, spaces at the ends of lines apart.
 */
export function isExpected(expected: string, actual: string): boolean {
  return isText(lines(expected), lines(actual)) || isText(byTask(lines(expected)), byTask(lines(actual)));
}

function isText(expected: readonly string[], actual: readonly string[]): boolean {
  const text = actual.map((line) => `${line}\n`).join("");
  return new RegExp(`^${expected.map(linePattern).join("")}$`, "u").test(text);
}

const OF_TASK = /^\[([^\]]+)\] /;

/** Lines of tasks that stand together, task by task. */
function byTask(all: readonly string[]): string[] {
  const sorted: string[] = [];
  let together: { readonly task: string; readonly line: string }[] = [];
  const flush = (): void => {
    sorted.push(...together.toSorted((a, b) => (a.task === b.task ? 0 : a.task < b.task ? -1 : 1)).map(({ line }) => line));
    together = [];
  };
  for (const line of all) {
    const task = OF_TASK.exec(line)?.[1];
    if (task === undefined) flush();
    if (task === undefined) sorted.push(line);
    else together.push({ task, line });
  }
  flush();
  return sorted;
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
