import { formatCount } from "../../core/quantity-text.js";
import { markup, scriptJson, type SafeHtml } from "../html.js";
import { limits } from "../limits.js";
import { isRecord } from "../values/table-data.js";
import { Component } from "./component.js";
import { figure } from "./figure.js";

/** A specification of Vega-Lite, or of Vega: an object that JSON can say, with its data in it. */
export type VegaSpec = object;

export interface VegaChartOptions {
  readonly title?: string;
  /** Pixels, when the specification does not say; default 260. */
  readonly height?: number;
  /** What the chart shows, for those who cannot see it; default the title. */
  readonly alt?: string;
}

/**
 * A chart in Vega-Lite (or Vega). It is drawn by the page itself, without a network: the data stands in the
 * specification, `{ data: { values: [...] }, mark: "line", encoding: … }`. A chart that says no width fills the card.
 */
export class VegaChart extends Component {
  readonly drawnByScript = true;
  #spec: VegaSpec;
  readonly #options: VegaChartOptions;

  constructor(spec: VegaSpec, options: VegaChartOptions = {}) {
    super();
    this.#spec = spec;
    this.#options = options;
  }

  /** Shows another specification from now on. */
  update(spec: VegaSpec): void {
    this.#spec = spec;
  }

  /** Shows other data in the same chart from now on. */
  updateData(values: readonly unknown[]): void {
    this.#spec = { ...this.#spec, data: { values } };
  }

  override render(): SafeHtml {
    const { title, height = 260, alt = title ?? "chart" } = this.#options;
    if (!isRecord(this.#spec)) throw new TypeError("VegaChart needs a Vega-Lite specification, an object");
    const spec = scriptJson(this.#spec);
    if (spec.text.length > limits.partCharacters) {
      const size = formatCount(spec.text.length);
      throw new RangeError(`the chart's specification has ${size} characters, more than a card holds: aggregate its data first`);
    }
    return figure(
      title,
      markup`<div class="vega" role="img" aria-label="${alt}" data-height="${Math.round(height)}">
        <script type="application/json">
          ${spec}
        </script>
        <noscript>This chart needs JavaScript to be drawn.</noscript>
      </div>`,
    );
  }
}
