/** HTML that is safe to put into a page: made by {@link markup}, which escapes everything that is not. */
export class SafeHtml {
  readonly text: string;

  /** @param text Trusted: escaped already, or written by millrace itself. */
  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What may stand in a template: texts are escaped, undefined and false are nothing. */
export type HtmlPart = SafeHtml | string | number | false | undefined | readonly HtmlPart[];

/** Writes HTML; what is put in is escaped unless it is {@link SafeHtml}. Attributes stand in double quotes. */
export function markup(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): SafeHtml {
  const pieces = strings.map((text, index) => text + (index < parts.length ? textOf(parts[index]) : ""));
  return new SafeHtml(pieces.join(""));
}

export function join(parts: readonly HtmlPart[], between = ""): SafeHtml {
  return new SafeHtml(parts.map(textOf).join(between));
}

export const nothing = new SafeHtml("");

function textOf(part: HtmlPart): string {
  if (part === undefined || part === false) return "";
  if (part instanceof SafeHtml) return part.text;
  if (typeof part === "object") return part.map(textOf).join("");
  return escapeHtml(String(part));
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Characters that HTML does not allow, not even as references: they would be parse errors. */
// oxlint-disable-next-line no-control-regex -- these are the characters to be found
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/** A text as HTML that shows it. */
export function escapeHtml(text: string): string {
  return text.replaceAll(FORBIDDEN, "\ufffd").replaceAll(/[&<>"']/g, (mark) => ESCAPES[mark] ?? mark);
}

/** A value as JSON that may stand inside a script element. */
export function scriptJson(value: unknown): SafeHtml {
  const json = JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? Number(item) : item)) ?? "null";
  return new SafeHtml(json.replaceAll("<", "\\u003c").replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029"));
}
