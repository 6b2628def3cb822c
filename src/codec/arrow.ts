import { MillraceError } from "../core/errors/millrace-error.js";

/** What millrace uses of the `apache-arrow` package. */
export interface ArrowModule {
  tableToIPC(table: never, type?: "file" | "stream"): Uint8Array;
  tableFromIPC(bytes: Uint8Array): unknown;
}

let arrow: ArrowModule | undefined;

/** Gives the codec the user's own `apache-arrow` module, so that tables are made by the package their code uses. */
export function setArrow(module: ArrowModule | undefined): void {
  arrow = module;
}

const TABLE = Symbol.for("apache-arrow/Table");

/** Whether the value is an Arrow table, of whatever copy of the package. */
export function isArrowTable(value: object): boolean {
  if (Reflect.get(value, TABLE) === true) return true;
  return (
    classNameOf(value) === "Table" &&
    "schema" in value &&
    "batches" in value &&
    Array.isArray(value.batches) &&
    "numRows" in value &&
    "getChild" in value
  );
}

function classNameOf(value: object): string | undefined {
  const maker: unknown = Reflect.get(value, "constructor");
  return typeof maker === "function" ? maker.name : undefined;
}

/** The table in Arrow's IPC stream format. */
export function encodeArrow(table: object, path: () => string): Uint8Array {
  if (arrow === undefined) throw new MillraceError("arrow-missing", { path: path(), action: "store" });
  return arrow.tableToIPC(table as never, "stream");
}

export function decodeArrow(bytes: Uint8Array, path: string): unknown {
  if (arrow === undefined) throw new MillraceError("arrow-missing", { path, action: "read" });
  return arrow.tableFromIPC(bytes);
}
