/**
 * Whether a command printed what a document shows. `…` stands for any characters of a line; a line that is nothing but `…` for any
 * number of lines, none included. Lengths of time (`0.4s`, `12ms`, `3m 05s`) stand for any; everything else is meant as it stands,
 * spaces at the ends of lines apart.
 */
export function isExpected(expected: string, actual: string): boolean {
  return pattern(expected).test(
    lines(actual)
      .map((line) => `${line}\n`)
      .join(""),
  );
}

const LENGTH_OF_TIME = /\b\d+(?:\.\d+)?(?:ms|s|m|h|d)(?: \d+[smh])?\b/u;

function pattern(expected: string): RegExp {
  const parts = lines(expected).map((line) => {
    if (line.trim() === "…") return "(?:.*\\n)*?";
    const fixed = line.split("…").map((text) => text.split(LENGTH_OF_TIME).map(escape).join(LENGTH_OF_TIME.source));
    return `${fixed.join(".*?")}\\n`;
  });
  return new RegExp(`^${parts.join("")}$`, "u");
}

function lines(text: string): string[] {
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.trimEnd());
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
