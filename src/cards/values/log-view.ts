import { stripVTControlCharacters } from "node:util";
import { plural } from "../../core/quantity-text.js";
import { markup, join, type SafeHtml } from "../html.js";
import { limits } from "../limits.js";

export interface ShownLine {
  readonly text: string;
  /** Of the error output. */
  readonly isError?: boolean;
}

/** The last lines of an output. */
export function logView(lines: readonly ShownLine[], most: number = limits.logLines): SafeHtml {
  const shown = lastLines(lines, most);
  const before = lines.length - shown.length;
  const texts = shown.map(({ text, isError }) => {
    const plain = stripVTControlCharacters(text);
    return isError === true ? markup`<span class="err">${plain}</span>` : markup`${plain}`;
  });
  const earlier = markup`<span class="muted">… ${plural(before, "line")} before</span>`;
  return markup`<pre class="log" tabindex="0" role="log">${before > 0 && [earlier, "\n"]}${join(texts, "\n")}</pre>`;
}

function lastLines(lines: readonly ShownLine[], most: number): readonly ShownLine[] {
  const shown: ShownLine[] = [];
  let characters = 0;
  for (let index = lines.length - 1; index >= 0 && shown.length < most; index--) {
    const line = lines[index];
    if (line === undefined) break;
    characters += line.text.length;
    if (characters > limits.logCharacters) {
      if (shown.length === 0) shown.push({ ...line, text: `…${line.text.slice(-limits.logCharacters)}` });
      break;
    }
    shown.push(line);
  }
  return shown.reverse();
}
