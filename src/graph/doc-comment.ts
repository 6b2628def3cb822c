import type { SourcePosition } from "../core/source-position.js";

/**
 * The documentation comment above a declaration, read from the TypeScript source, since compilers drop comments.
 * @param position Where the declaration's name, or its `class` keyword, stands.
 */
export function docAbove(source: string, position: SourcePosition): string | undefined {
  const before = source.slice(0, offsetAt(source, position));
  const end = before.lastIndexOf("*/");
  const start = before.lastIndexOf("/**", end);
  if (end < 0 || start < 0 || !isDeclarationHead(before.slice(end + 2))) return undefined;
  const lines = before
    .slice(start + 3, end)
    .split(/\r?\n/)
    .map((line) => line.replace(/^\s*\*? ?/, "").trimEnd());
  // Only what is said, not the tags after it.
  const tag = lines.findIndex((line) => /^@\w/.test(line));
  const text = (tag < 0 ? lines : lines.slice(0, tag)).join("\n").trim();
  return text === "" ? undefined : text;
}

/** May the text stand between a comment and the name it is about: decorators and modifiers only? */
function isDeclarationHead(text: string): boolean {
  let rest = text.replaceAll(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\/.*/g, "");
  for (let shorter = strip(rest); shorter !== rest; shorter = strip(rest)) rest = shorter;
  return /^(?:\s|@[\w.]+|\b(?:public|override|async|export|default|abstract)\b)*\*?$/.test(rest);
}

/** Takes out the innermost brackets: a decorator's arguments. */
function strip(text: string): string {
  return text.replaceAll(/\([^()]*\)/g, "");
}

function offsetAt(source: string, { line, column }: SourcePosition): number {
  let start = 0;
  for (let at = 1; at < line; at++) {
    const end = source.indexOf("\n", start);
    if (end < 0) return source.length;
    start = end + 1;
  }
  return start + column - 1;
}
