import { markup, type SafeHtml } from "../html.js";
import { limits } from "../limits.js";
import { valueView } from "../values/value-view.js";
import { Component } from "./component.js";
import { figure } from "./figure.js";

export interface ArtifactOptions {
  readonly name?: string;
}

/** Any value: pictures, charts of numbers, tables of records, a tree for the rest. */
export class Artifact extends Component {
  #value: unknown;
  readonly #name: string | undefined;

  constructor(value: unknown, { name }: ArtifactOptions = {}) {
    super();
    this.#value = value;
    this.#name = name;
  }

  /** Shows another value from now on. */
  update(value: unknown): void {
    this.#value = value;
  }

  override render(): SafeHtml {
    const title = this.#name;
    return figure(title, markup`${valueView(this.#value, { rows: limits.rows, ...(title !== undefined && { name: title }) })}`);
  }
}
