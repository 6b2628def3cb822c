import { inspect } from "node:util";
import { isInline, type ArtifactRef } from "../../core/artifact-ref.js";
import type { Colors } from "../../terminal/colors.js";
import { formatBytes } from "../../core/quantity-text.js";
import { padText, textWidth } from "../../terminal/text-width.js";

/** Artifacts with more bytes than this are not read just to show their beginning. */
const LARGE_BYTES = 4 * 1024 * 1024;
/** Lines of a short value. */
const MAX_LINES = 8;

/** Whether a value is too large to be read for a short look. */
export function isLarge(ref: ArtifactRef): boolean {
  return !isInline(ref) && ref.size > LARGE_BYTES;
}

/** What stands in the place of a large value. */
export function largeText(ref: ArtifactRef, pathspec: string, colors: Colors): string {
  const size = isInline(ref) ? "" : `${formatBytes(ref.size)}: `;
  return colors.gray(`${size}millrace dump ${pathspec} shows it`);
}

/** A value in a few lines. */
export function shortValue(value: unknown, columns: number, colors: Colors): string {
  const lines = inspect(value, {
    colors: colors.isColorSupported,
    depth: 3,
    maxArrayLength: 10,
    maxStringLength: 200,
    breakLength: Math.max(20, columns),
  }).split("\n");
  return lines.length <= MAX_LINES ? lines.join("\n") : [...lines.slice(0, MAX_LINES - 1), colors.gray("…")].join("\n");
}

/** A value as a whole: texts as they are, everything else as Node shows it. */
export function wholeValue(value: unknown, columns: number, colors: Colors): string {
  if (typeof value === "string") return value.endsWith("\n") ? value : `${value}\n`;
  const text = inspect(value, {
    colors: colors.isColorSupported,
    depth: Number.POSITIVE_INFINITY,
    maxArrayLength: Number.POSITIVE_INFINITY,
    maxStringLength: Number.POSITIVE_INFINITY,
    breakLength: columns,
  });
  return `${text}\n`;
}

/** Names on the left, values on the right, further lines of a value under its first. */
export function formatFields(fields: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(0, ...fields.map(([name]) => textWidth(name)));
  return fields.map(([name, value]) => `  ${padText(name, width)}  ${value.replaceAll("\n", `\n${" ".repeat(width + 4)}`)}\n`).join("");
}
