import { padText, padTextStart, textWidth } from "./text-width.js";

export interface TextColumn {
  readonly title: string;
  /** Numbers stand on the right. */
  readonly align?: "left" | "right";
}

/**
 * Rows under their titles, columns two spaces apart, no lines drawn: easy on the eyes, easy to grep. Cells may be
 * coloured; wide characters count as wide. A title that is empty in all columns leaves the head out.
 */
export function formatTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  title: (text: string) => string = (text) => text,
): string[] {
  const widths = columns.map((column, index) => Math.max(textWidth(column.title), ...rows.map((row) => textWidth(row[index] ?? ""))));
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, index) => {
        const cell = cells[index] ?? "";
        return column.align === "right" ? padTextStart(cell, widths[index] ?? 0) : padText(cell, widths[index] ?? 0);
      })
      .join("  ")
      .trimEnd();
  const head = columns.some((column) => column.title !== "") ? [line(columns.map((column) => title(column.title)))] : [];
  return [...head, ...rows.map(line)];
}
