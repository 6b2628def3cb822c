import { markup, type SafeHtml } from "../html.js";
import { limits } from "../limits.js";
import { briefText } from "../values/brief-text.js";
import { readTable } from "../values/table-data.js";
import { tableView } from "../values/table-view.js";
import { Component } from "./component.js";
import { figure } from "./figure.js";

/** What a table shows: records, rows of cells, or an Arrow table. */
export type TableRows = readonly object[] | { readonly numRows: number; readonly schema: object };

export interface TableOptions {
  readonly title?: string;
  /** Which columns of records, in which order; names for the columns of rows of cells. */
  readonly columns?: readonly string[];
  /** Rows that are shown; default 200. */
  readonly maxRows?: number;
}

/** Records (`[{ id: 1, name: "a" }, …]`), rows of cells (`[[1, "a"], …]`) or an Arrow table. */
export class Table extends Component {
  #rows: TableRows;
  readonly #options: TableOptions;

  constructor(rows: TableRows, options: TableOptions = {}) {
    super();
    this.#rows = rows;
    this.#options = options;
  }

  /** Shows other rows from now on. */
  update(rows: TableRows): void {
    this.#rows = rows;
  }

  override render(): SafeHtml {
    const { title, columns, maxRows = limits.rows } = this.#options;
    const table = readTable(this.#rows, { rows: maxRows, columns: limits.columns }, columns);
    if (table === undefined) {
      throw new TypeError(`Table shows a list of records, a list of rows or an Arrow table, not ${briefText(this.#rows, 100)}`);
    }
    return figure(title, markup`${tableView(table, title)}`);
  }
}
