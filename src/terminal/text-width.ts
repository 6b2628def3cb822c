import { stripVTControlCharacters } from "node:util";
import { eastAsianWidth } from "get-east-asian-width";

const PRINTABLE_ASCII = /^[\u0020-\u007e]*$/;
const WITHOUT_WIDTH = /\p{Mark}|\p{Emoji_Modifier}|[\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]/u;

/** Columns that a text fills on a terminal, colours not counted. */
export function textWidth(text: string): number {
  const plain = text.includes("\u001b") ? stripVTControlCharacters(text) : text;
  if (PRINTABLE_ASCII.test(plain)) return plain.length;
  let width = 0;
  for (const character of plain) width += characterWidth(character);
  return width;
}

/** Cuts a text without colours to so many columns, with `…` where something was cut. */
export function truncateText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns <= 0) return "";
  let width = 0;
  let kept = "";
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Fills a text up with spaces on its right, to so many columns. */
export function padText(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - textWidth(text)));
}

/** Fills a text up with spaces on its left. */
export function padTextStart(text: string, columns: number): string {
  return " ".repeat(Math.max(0, columns - textWidth(text))) + text;
}

function characterWidth(character: string): number {
  const codePoint = character.codePointAt(0) ?? 0;
  if (codePoint < 32 || (codePoint >= 0x7f && codePoint < 0xa0) || WITHOUT_WIDTH.test(character)) return 0;
  return eastAsianWidth(codePoint);
}
