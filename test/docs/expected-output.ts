/**
 * Whether a command printed what a document shows. `…` stands for any characters of a line; a line that is nothing but `…` for any
 * number of lines, none included; everything else is meant as it stands, spaces at the ends of lines apart.
 */
export function isExpected(expected: string, actual: string): boolean {
  return pattern(expected).test(lines(actual).map((line) => `${line}\n`).join(""));
}

function pattern(expected: string): RegExp {
  const parts = lines(expected).map((line) => {
    if (line.trim() === "…") return "(?:.*\\n)*?";
    return `${line.split("…").map(escape).join(".*?")}\\n`;
  });
  return new RegExp(`^${parts.join("")}$`, "u");
}

function lines(text: string): string[] {
  return text.trimEnd().split(/\r?\n/).map((line) => line.trimEnd());
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
