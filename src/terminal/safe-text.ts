const ESC = "\\u001b";
/** Control sequences other than colours and styles, terminal commands with texts (titles, links), and single control characters. */
const UNSAFE = new RegExp(
  [
    `${ESC}\\[[0-9;:?<=>!]*[ -/]*[@-ln-~]`,
    `${ESC}[\\]PX^_][\\s\\S]*?(?:\\u0007|${ESC}\\\\|$)`,
    `${ESC}[ -/]*[0-Z\\\\^-~]`,
    // What is left of a sequence that is none must not become one with what follows.
    `${ESC}(?!\\[[0-9;:]*m)`,
    `[\\u0000-\\u0008\\u000b-\\u001a\\u001c-\\u001f\\u007f]`,
  ].join("|"),
  "g",
);
const STYLED = /\u001b\[[0-9;:]*m/;

/**
 * A line of a task's output, fit to stand in the live view: colours stay and end with the line; whatever would move
 * the cursor, clear the screen or ring the bell is left out; tabs become spaces.
 */
export function safeLine(text: string): string {
  const clean = text.replace(UNSAFE, "").replaceAll("\t", "    ");
  return STYLED.test(clean) ? `${clean}\u001b[0m` : clean;
}
