/** Rows and columns of something table-like, as far as they are shown. */
export interface TableData {
  /** Undefined: the rows have no names for their columns. */
  readonly columns: readonly string[] | undefined;
  readonly rows: readonly (readonly unknown[])[];
  readonly rowCount: number;
  readonly columnCount: number;
}

export interface TableExtent {
  readonly rows: number;
  readonly columns: number;
}

/** An Arrow table, by its shape: the package belongs to the user's project. */
interface ArrowTable {
  readonly numRows: number;
  readonly schema: { readonly fields: readonly { readonly name: string }[] };
  get(index: number): { toJSON(): Readonly<Record<string, unknown>> } | null;
}

/**
 * Reads records (`[{ id: 1 }, …]`), rows (`[[1, "a"], …]`) or an Arrow table; undefined for anything else.
 * @param columns Which columns of records, in which order; names for the columns of rows.
 */
export function readTable(value: unknown, extent: TableExtent, columns?: readonly string[]): TableData | undefined {
  if (isArrowTable(value)) {
    const names = columns ?? value.schema.fields.map(({ name }) => name);
    const rows = Array.from({ length: Math.min(value.numRows, extent.rows) }, (_, index) => value.get(index)?.toJSON() ?? {});
    return fromRecords(rows, names, value.numRows, extent);
  }
  if (!Array.isArray(value)) return undefined;
  const items: readonly unknown[] = value;
  const shown = items.slice(0, extent.rows);
  if (shown.every(hasFields)) return fromRecords(shown, columns ?? namesOf(shown), items.length, extent);
  if (shown.every(isRow)) {
    const count = Math.max(columns?.length ?? 0, ...shown.map((row) => row.length));
    return {
      columns: columns?.slice(0, extent.columns),
      rows: shown.map((row) => row.slice(0, extent.columns)),
      rowCount: items.length,
      columnCount: count,
    };
  }
  return undefined;
}

function fromRecords(
  records: readonly Readonly<Record<string, unknown>>[],
  names: readonly string[],
  rowCount: number,
  extent: TableExtent,
): TableData {
  const columns = names.slice(0, extent.columns);
  const rows = records.map((record) => columns.map((name) => (Object.hasOwn(record, name) ? record[name] : undefined)));
  return { columns, rows, rowCount, columnCount: names.length };
}

/** Names in the order in which they first come up. */
function namesOf(records: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  const names = new Set<string>();
  for (const record of records) for (const name of Object.keys(record)) names.add(name);
  return [...names];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** An object of any class whose fields are what it says. */
function hasFields(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) return false;
  return !(value instanceof Date || value instanceof Map || value instanceof Set);
}

function isRow(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

export function isArrowTable(value: unknown): value is ArrowTable {
  return (
    typeof value === "object" &&
    value !== null &&
    "numRows" in value &&
    typeof value.numRows === "number" &&
    "get" in value &&
    "schema" in value &&
    typeof value.schema === "object" &&
    value.schema !== null &&
    "fields" in value.schema &&
    Array.isArray(value.schema.fields)
  );
}
