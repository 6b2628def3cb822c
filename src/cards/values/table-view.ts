import { formatCount } from "../../core/quantity-text.js";
import { markup, join, nothing, type SafeHtml } from "../html.js";
import { limits } from "../limits.js";
import { note } from "../components/figure.js";
import { briefText } from "./brief-text.js";
import { formatNumber } from "./number-text.js";
import type { TableData } from "./table-data.js";

/** A table, with a note on what of it is not shown. */
export function tableView({ columns, rows, rowCount, columnCount }: TableData, label?: string): SafeHtml {
  if (rowCount === 0) return note("No rows.");
  const width = Math.max(columns?.length ?? 0, ...rows.map((row) => row.length));
  const isNumeric = Array.from({ length: width }, (_, column) => rows.every((row) => isNumberOrNothing(row[column])));
  const head =
    columns === undefined
      ? nothing
      : markup`<thead>
          <tr>
            ${join(columns.map((name, index) => heading(name, isNumeric[index])))}
          </tr>
        </thead>`;
  const body = rows.map(
    (row) =>
      markup`<tr>
        ${isNumeric.map((numeric, index) => cell(row[index], numeric))}
      </tr>`,
  );
  // What can be scrolled has to be reached by the keyboard as well.
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${label ?? "Table"}">
      <table>
        ${head}
        <tbody>
          ${join(body, "\n")}
        </tbody>
      </table>
    </div>
    ${leftOut(rows.length, rowCount, Math.min(width, limits.columns), columnCount)}`;
}

function leftOut(rows: number, rowCount: number, columns: number, columnCount: number): SafeHtml {
  const parts = [
    rows < rowCount && `the first ${formatCount(rows)} of ${formatCount(rowCount)} rows`,
    columns < columnCount && `the first ${formatCount(columns)} of ${formatCount(columnCount)} columns`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? nothing : note(`Shows ${parts.join(" and ")}.`);
}

function heading(name: string, numeric: boolean | undefined): SafeHtml {
  return markup`<th scope="col" ${numeric === true && markup` class="number"`}>${name}</th>`;
}

function cell(value: unknown, numeric: boolean): SafeHtml {
  if (value === undefined || value === null) return markup`<td class="muted${numeric && " number"}">–</td>`;
  if (typeof value === "number" || typeof value === "bigint") {
    const text = formatNumber(value);
    const exact = String(value);
    // A rounded number shows its digits when it is pointed at.
    const isRounded = typeof value === "number" && !Number.isInteger(value) && exact.length > text.length;
    return markup`<td${numeric && markup` class="number"`}${isRounded && markup` title="${exact}"`}>${text}</td>`;
  }
  const text = typeof value === "string" ? value : briefText(value, limits.cellCharacters);
  const isLong = text.length > limits.cellCharacters;
  const kind = value instanceof Date ? "date" : "code";
  return markup`<td${typeof value === "object" && markup` class="${kind}"`}>${isLong ? `${text.slice(0, limits.cellCharacters)}…` : text}</td>`;
}

function isNumberOrNothing(value: unknown): boolean {
  return value === undefined || value === null || typeof value === "number" || typeof value === "bigint";
}
