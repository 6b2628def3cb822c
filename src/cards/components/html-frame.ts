import { formatCount } from "../../core/quantity-text.js";
import { markup, type SafeHtml } from "../html.js";
import { limits } from "../limits.js";
import { Component } from "./component.js";
import { figure, note } from "./figure.js";

export interface HtmlOptions {
  readonly title?: string;
  /** Pixels; default 300. */
  readonly height?: number;
}

/**
 * HTML of your own, in a frame of its own: its styles do not reach the card, its scripts do not run, and it fetches
 * nothing.
 */
export class Html extends Component {
  #source: string;
  readonly #options: HtmlOptions;

  constructor(source: string, options: HtmlOptions = {}) {
    super();
    this.#source = source;
    this.#options = options;
  }

  /** Shows another text from now on. */
  update(source: string): void {
    this.#source = source;
  }

  override render(): SafeHtml {
    const { title, height = 300 } = this.#options;
    const source = this.#source;
    if (source.length > limits.partCharacters) {
      return figure(title, note(`HTML of ${formatCount(source.length)} characters is more than a card holds.`));
    }
    return figure(title, markup`<iframe sandbox="" srcdoc="${source}" height="${Math.round(height)}" title="${title ?? "HTML"}"></iframe>`);
  }
}
