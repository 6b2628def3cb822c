import type { SafeHtml } from "../html.js";
import { limits } from "../limits.js";
import { logView } from "../values/log-view.js";
import { Component } from "./component.js";
import { figure } from "./figure.js";

export interface LogOptions {
  readonly title?: string;
  /** Lines that are shown, the last ones; default 200. */
  readonly maxLines?: number;
}

/** Lines of text, of which the last are shown. */
export class Log extends Component {
  readonly #lines: string[] = [];
  readonly #options: LogOptions;

  constructor(lines: string | readonly string[] = [], options: LogOptions = {}) {
    super();
    this.#options = options;
    this.append(...(typeof lines === "string" ? [lines] : lines));
  }

  append(...lines: readonly string[]): void {
    this.#lines.push(...lines);
  }

  override render(): SafeHtml {
    const { title, maxLines = limits.logLines } = this.#options;
    return figure(
      title,
      logView(
        this.#lines.flatMap((line) => line.split(/\r?\n/)).map((text) => ({ text })),
        maxLines,
      ),
    );
  }
}
