import { markup, type SafeHtml } from "../html.js";
import { formatNumber } from "../values/number-text.js";
import { Component } from "./component.js";

export interface ValueBoxOptions {
  /** What the value is. */
  readonly title: string;
  /** A number is rounded to six digits; a text stands as it is. */
  readonly value: number | string;
  /** Stands behind the value: `%`, `s`, `USD`. */
  readonly unit?: string;
  /** A line below it. */
  readonly note?: string;
  /** What the value was before: the change is shown with its direction. */
  readonly before?: number;
}

/** One figure that matters. Boxes that follow each other stand side by side. */
export class ValueBox extends Component {
  readonly inRow = true;
  #options: ValueBoxOptions;

  constructor(options: ValueBoxOptions) {
    super();
    this.#options = options;
  }

  /** Changes what is given and keeps the rest; a value alone is the new value. */
  update(change: number | string | Partial<ValueBoxOptions>): void {
    this.#options = { ...this.#options, ...(typeof change === "object" ? change : { value: change }) };
  }

  override render(): SafeHtml {
    const { title, value, unit, note, before } = this.#options;
    return markup`<div class="value-box">
      <div class="value-title">${title}</div>
      <div class="value">
        ${typeof value === "number" ? formatNumber(value) : value}${unit !== undefined && markup`<span class="unit"> ${unit}</span>`}
      </div>
      ${typeof value === "number" && before !== undefined && changeSince(before, value)}
      ${note !== undefined && markup`<div class="value-note muted">${note}</div>`}
    </div>`;
  }
}

function changeSince(before: number, value: number): SafeHtml {
  const difference = value - before;
  const arrow = difference > 0 ? "▲" : difference < 0 ? "▼" : "=";
  const share = before === 0 || difference === 0 ? "" : ` (${difference > 0 ? "+" : "−"}${formatNumber(Math.abs((difference / before) * 100), 3)} %)`;
  const text = difference === 0 ? "as before" : `${formatNumber(Math.abs(difference))}${share}`;
  return markup`<div class="value-note"><span aria-hidden="true">${arrow}</span> ${text} <span class="muted">from ${formatNumber(before)}</span></div>`;
}
