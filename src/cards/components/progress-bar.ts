import { markup, type SafeHtml } from "../html.js";
import { formatNumber } from "../values/number-text.js";
import { Component } from "./component.js";

export interface ProgressBarOptions {
  /** What counts as whole; default 100. */
  readonly max?: number;
  /** Where it starts; default 0. */
  readonly value?: number;
  readonly label?: string;
  /** What is counted: `rows`, `MB`. */
  readonly unit?: string;
}

/** How far something is. */
export class ProgressBar extends Component {
  #value: number;
  #max: number;
  readonly #label: string | undefined;
  readonly #unit: string | undefined;

  constructor({ max = 100, value = 0, label, unit }: ProgressBarOptions = {}) {
    super();
    this.#max = max;
    this.#value = value;
    this.#label = label;
    this.#unit = unit;
  }

  get value(): number {
    return this.#value;
  }

  /** @param max Also moves the whole, when it turns out to be another. */
  update(value: number, max: number = this.#max): void {
    this.#value = value;
    this.#max = max;
  }

  /** Goes on by one, or by more. */
  increment(by = 1): void {
    this.#value += by;
  }

  override render(): SafeHtml {
    const max = this.#max > 0 ? this.#max : 1;
    const share = Math.min(1, Math.max(0, this.#value / max));
    const unit = this.#unit === undefined ? "" : ` ${this.#unit}`;
    const label = this.#label ?? "Progress";
    return markup`<div class="progress">
      <div class="progress-text">
        <span>${label}</span
        ><span class="muted"
          >${formatNumber(this.#value)} of ${formatNumber(this.#max)}${unit} <strong>${Math.floor(share * 100)}&nbsp;%</strong></span
        >
      </div>
      <progress value="${share}" max="1" aria-label="${label}"></progress>
    </div>`;
  }
}
