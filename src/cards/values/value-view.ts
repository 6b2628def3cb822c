import { formatBytes } from "../../core/quantity-text.js";
import { join, markup, type SafeHtml } from "../html.js";
import { limits } from "../limits.js";
import { imageView } from "./image-view.js";
import { imageType } from "./image-bytes.js";
import { numberChart } from "./number-chart.js";
import { isArrowTable, isRecord, readTable } from "./table-data.js";
import { tableView } from "./table-view.js";
import { leafText, treeView } from "./tree-view.js";

export interface ValueViewOptions {
  /** What people call the value. */
  readonly name?: string;
  /** Rows of a table. */
  readonly rows?: number;
}

/** A value in the form that shows most of it: picture, chart, table, or a tree for the rest. */
export function valueView(value: unknown, { name, rows = limits.artifactRows }: ValueViewOptions = {}): SafeHtml {
  if (value instanceof Uint8Array) return bytesView(value, name);
  if (isShortList(value)) return shortList(value);
  if (isNumbers(value)) return numberChart(value);
  if (isTableLike(value)) {
    const table = readTable(value, { rows, columns: limits.columns });
    if (table !== undefined) return tableView(table, name);
  }
  return treeView(value);
}

/** Rows of hexadecimal digits that bytes of no known kind begin with. */
const SHOWN_BYTES = 64;

function bytesView(bytes: Uint8Array, name: string | undefined): SafeHtml {
  const type = imageType(bytes);
  if (type !== undefined) return imageView(bytes, { type, alt: name ?? "image" });
  const digits = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, SHOWN_BYTES))
    .toString("hex")
    .replaceAll(/(..)(?=.)/g, "$1 ");
  return markup`<p class="muted">${formatBytes(bytes.length)}</p>
    ${bytes.length > 0 && markup`<pre class="text" tabindex="0">${digits}${bytes.length > SHOWN_BYTES && " …"}</pre>`}`;
}

/** A few plain values read best beside each other. */
const SHORT_ITEMS = 8;
const SHORT_CHARACTERS = 40;

function isShortList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0 && value.length <= SHORT_ITEMS && value.every(isShort);
}

function isShort(value: unknown): boolean {
  return typeof value === "string" ? value.length <= SHORT_CHARACTERS && !value.includes("\n") : typeof value !== "object" || value === null;
}

function shortList(items: readonly unknown[]): SafeHtml {
  return markup`<div>${join(items.map(leafText), markup`<span class="muted">, </span>`.text)}</div>`;
}

/** Two numbers are a pair, not a series. */
const LEAST_NUMBERS = 3;

function isNumbers(value: unknown): value is ArrayLike<number | bigint> {
  if (ArrayBuffer.isView(value)) return !(value instanceof DataView) && "length" in value && Number(value.length) >= LEAST_NUMBERS;
  return Array.isArray(value) && value.length >= LEAST_NUMBERS && value.every((item) => typeof item === "number");
}

/** Records or an Arrow table; lists of lists only when their items are plain. */
function isTableLike(value: unknown): boolean {
  if (isArrowTable(value)) return true;
  if (!Array.isArray(value) || value.length === 0) return false;
  const items: readonly unknown[] = value.slice(0, limits.rows);
  if (items.every((item) => isRecord(item) && Object.keys(item).length > 0)) return true;
  return items.every((item) => Array.isArray(item) && item.length > 0 && item.length <= limits.columns && item.every(isPlain));
}

function isPlain(value: unknown): boolean {
  return value === null || typeof value !== "object" || value instanceof Date;
}
