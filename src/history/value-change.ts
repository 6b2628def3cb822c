import { sameValue } from "../codec/same-value.js";
import { formatBytes, formatCount, plural } from "../core/quantity-text.js";
import { inspect } from "node:util";

/** Places inside a value that are told one by one. */
const MAX_PLACES = 8;
/** Differences inside a value that are counted; a value with more has “many”. */
const MAX_COUNTED = 10_000;
/** Columns of a table that are told. */
const MAX_COLUMNS = 8;

/** How two values differ: in a few words, and place by place. */
export interface ValueChange {
  readonly summary: string;
  /** `rows[3].price: 4 → 5`, the first few. */
  readonly places: readonly string[];
}

/** How two values differ that are not the same. */
export function describeChange(before: unknown, after: unknown): ValueChange {
  if (isNumeric(before) && isNumeric(after)) return { summary: numberChange(before, after), places: [] };
  const tables = [tableOf(before), tableOf(after)] as const;
  if (tables[0] !== undefined && tables[1] !== undefined) return describeTables(tables[0], tables[1]);
  const numbers = [numbersOf(before), numbersOf(after)] as const;
  if (numbers[0] !== undefined && numbers[1] !== undefined) return describeNumbers(numbers[0], numbers[1]);
  if (isBytes(before) && isBytes(after)) return { summary: `${formatBytes(before.byteLength)} → ${formatBytes(after.byteLength)}`, places: [] };
  if (isTree(before) && isTree(after) && Array.isArray(before) === Array.isArray(after)) return describeTrees(before, after);
  return { summary: `${short(before)} → ${short(after)}`, places: [] };
}

type Numeric = number | bigint;

const isNumeric = (value: unknown): value is Numeric => typeof value === "number" || typeof value === "bigint";
const isBytes = (value: unknown): value is Uint8Array | ArrayBuffer => value instanceof Uint8Array || value instanceof ArrayBuffer;

/** `10 → 12 (+2, +20 %)`. */
function numberChange(before: Numeric, after: Numeric): string {
  const text = `${short(before)} → ${short(after)}`;
  const [a, b] = [Number(before), Number(after)];
  const difference = b - a;
  if (!Number.isFinite(difference) || difference === 0) return text;
  const share = a === 0 ? "" : `, ${signed(round((difference / Math.abs(a)) * 100))} %`;
  return `${text} (${signed(round(difference))}${share})`;
}

const signed = (value: number): string => (value > 0 ? `+${value}` : String(value));

/** Four digits are enough to see what a difference is. */
function round(value: number): number {
  return Number(value.toPrecision(4));
}

export function short(value: unknown): string {
  return inspect(value, { depth: 2, maxArrayLength: 4, maxStringLength: 60, breakLength: Number.POSITIVE_INFINITY, compact: true });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function isTree(value: unknown): value is readonly unknown[] | Readonly<Record<string, unknown>> {
  return Array.isArray(value) || isRecord(value);
}

type Table = readonly Readonly<Record<string, unknown>>[];

function tableOf(value: unknown): Table | undefined {
  return Array.isArray(value) && value.length > 0 && value.every(isRecord) ? value : undefined;
}

function numbersOf(value: unknown): ArrayLike<number | bigint> | undefined {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView) && !(value instanceof Uint8Array))
    return value as unknown as ArrayLike<number | bigint>;
  return Array.isArray(value) && value.length > 0 && value.every(isNumeric) ? value : undefined;
}

/** Rows are compared by their place. */
function describeTables(before: Table, after: Table): ValueChange {
  const columns = [columnsOf(before), columnsOf(after)] as const;
  const parts = [before.length === after.length ? plural(after.length, "row") : `${formatCount(before.length)} → ${plural(after.length, "row")}`];
  const added = [...columns[1]].filter((name) => !columns[0].has(name));
  const removed = [...columns[0]].filter((name) => !columns[1].has(name));
  if (added.length > 0) parts.push(`new ${added.length === 1 ? "column" : "columns"} ${listed(added)}`);
  if (removed.length > 0) parts.push(`without ${listed(removed)}`);
  const changed = new Map<string, number>();
  const places: string[] = [];
  let rows = 0;
  for (let row = 0; row < Math.min(before.length, after.length); row++) {
    const names = [...columns[0]].filter((name) => columns[1].has(name) && !sameValue(before[row]?.[name], after[row]?.[name]));
    if (names.length > 0) rows++;
    for (const name of names) {
      changed.set(name, (changed.get(name) ?? 0) + 1);
      if (places.length < MAX_PLACES) places.push(`[${row}].${name}: ${valueChange(before[row]?.[name], after[row]?.[name])}`);
    }
  }
  if (rows > 0)
    parts.push(
      `${plural(rows, "row")} ${rows === 1 ? "differs" : "differ"} in ${listed([...changed].map(([name, count]) => `${name} (${formatCount(count)})`))}`,
    );
  return { summary: parts.join(", "), places };
}

function columnsOf(table: Table): ReadonlySet<string> {
  return new Set(table.flatMap((row) => Object.keys(row)));
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, MAX_COLUMNS).join(", ")}${names.length > MAX_COLUMNS ? ` and ${names.length - MAX_COLUMNS} more` : ""}`;
}

function describeNumbers(before: ArrayLike<Numeric>, after: ArrayLike<Numeric>): ValueChange {
  const parts = [
    before.length === after.length ? plural(after.length, "number") : `${formatCount(before.length)} → ${plural(after.length, "number")}`,
  ];
  const places: string[] = [];
  let differing = 0;
  let largest = 0;
  for (let index = 0; index < Math.min(before.length, after.length); index++) {
    const [a, b] = [before[index] ?? 0, after[index] ?? 0];
    if (Object.is(a, b)) continue;
    differing++;
    largest = Math.max(largest, Math.abs(Number(b) - Number(a)));
    if (places.length < MAX_PLACES) places.push(`[${index}]: ${numberChange(a, b)}`);
  }
  if (differing > 0) parts.push(`${formatCount(differing)} ${differing === 1 ? "differs" : "differ"}, by ${round(largest)} at most`);
  return { summary: parts.join(", "), places };
}

function describeTrees(before: object, after: object): ValueChange {
  const places: string[] = [];
  let count = 0;
  for (const place of changesIn(before, after, "")) {
    if (places.length < MAX_PLACES) places.push(place);
    if (++count >= MAX_COUNTED) break;
  }
  const summary = `${count >= MAX_COUNTED ? `${formatCount(count)} or more places` : plural(count, "place")} ${count === 1 ? "differs" : "differ"}`;
  return {
    summary:
      Array.isArray(before) && Array.isArray(after) && before.length !== after.length
        ? `${before.length} → ${plural(after.length, "entry").replace(/ys$/, "ies")}, ${summary}`
        : summary,
    places,
  };
}

function* changesIn(before: unknown, after: unknown, path: string): Generator<string> {
  if (sameValue(before, after)) return;
  if (!isTree(before) || !isTree(after) || Array.isArray(before) !== Array.isArray(after)) {
    yield `${path}: ${valueChange(before, after)}`;
    return;
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [has, had] = [Object.hasOwn(after, key), Object.hasOwn(before, key)];
    const place = Array.isArray(after) ? `${path}[${key}]` : `${path}.${key}`;
    const [a, b]: readonly [unknown, unknown] = [Reflect.get(before, key), Reflect.get(after, key)];
    if (has && had) yield* changesIn(a, b, place);
    else yield has ? `${place}: new, ${short(b)}` : `${place}: gone, was ${short(a)}`;
  }
}

function valueChange(before: unknown, after: unknown): string {
  return isNumeric(before) && isNumeric(after) ? numberChange(before, after) : `${short(before)} → ${short(after)}`;
}
