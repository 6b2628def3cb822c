import { formatCount } from "../../core/quantity-text.js";
import { markup, join, type SafeHtml } from "../html.js";
import { formatNumber } from "./number-text.js";

/** Points of a line: each shows the least and the greatest of the values that it stands for. */
const COLUMNS = 240;
const BINS = 24;

/** Numbers at a glance: in their order, how they spread, and their figures. */
export function numberChart(values: ArrayLike<number | bigint>): SafeHtml {
  const figures = summarize(values);
  if (figures === undefined) return markup`<p class="muted">${formatCount(values.length)} values, none of them a finite number.</p>`;
  const { low, high, mean, count } = figures;
  const label = `${formatCount(values.length)} numbers from ${formatNumber(low)} to ${formatNumber(high)}`;
  const odd = values.length - count;
  const facts: [string, string][] = [
    ["values", formatCount(values.length)],
    ["least", formatNumber(low)],
    ["mean", formatNumber(mean)],
    ["greatest", formatNumber(high)],
  ];
  if (odd > 0) facts.push(["not finite", formatCount(odd)]);
  return markup`<div class="charts">
      <div class="chart wide">
        <div class="axis-y" aria-hidden="true"><span>${formatNumber(high, 4)}</span><span>${formatNumber(low, 4)}</span></div>
        ${line(values, low, high, label)}
        <div class="axis-x" aria-hidden="true"><span>0</span><span>in order</span><span>${formatCount(values.length - 1)}</span></div>
      </div>
      <div class="chart">
        ${histogram(values, low, high, count)}
        <div class="axis-x" aria-hidden="true"><span>${formatNumber(low, 4)}</span><span>how many</span><span>${formatNumber(high, 4)}</span></div>
      </div>
    </div>
    <dl class="figures">
      ${facts.map(
        ([name, text]) =>
          markup`<div>
            <dt>${name}</dt>
            <dd>${text}</dd>
          </div>`,
      )}
    </dl>`;
}

interface Summary {
  readonly low: number;
  readonly high: number;
  readonly mean: number;
  /** Finite ones. */
  readonly count: number;
}

function summarize(values: ArrayLike<number | bigint>): Summary | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let mean = 0;
  let count = 0;
  for (let index = 0; index < values.length; index++) {
    const value = Number(values[index]);
    if (!Number.isFinite(value)) continue;
    count++;
    // Step by step, so that sums of large numbers do not overflow.
    mean += (value - mean) / count;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return count === 0 ? undefined : { low, high, mean, count };
}

const WIDTH = 480;
const HEIGHT = 120;

function line(values: ArrayLike<number | bigint>, low: number, high: number, label: string): SafeHtml {
  const points = pointsOf(values).map(([position, value]) => {
    const x = values.length < 2 ? WIDTH / 2 : (position / (values.length - 1)) * WIDTH;
    return [round(x), round(HEIGHT - share(value, low, high) * HEIGHT)] as const;
  });
  const path = points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${x} ${y}`).join("");
  const [first] = points;
  const last = points.at(-1);
  const area = first === undefined || last === undefined ? "" : `${path}L${last[0]} ${HEIGHT}L${first[0]} ${HEIGHT}Z`;
  return markup`<svg viewBox="0 -2 ${WIDTH} ${HEIGHT + 4}" preserveAspectRatio="none" role="img" aria-label="${label}">
    <path class="area" d="${area}" />
    <path class="line" d="${path}" vector-effect="non-scaling-stroke" />
  </svg>`;
}

/** The values themselves while they are few; else the least and the greatest of each stretch, in their order. */
function pointsOf(values: ArrayLike<number | bigint>): (readonly [position: number, value: number])[] {
  const points: (readonly [number, number])[] = [];
  const stretch = Math.max(1, values.length / COLUMNS);
  for (let column = 0; column * stretch < values.length; column++) {
    const from = Math.floor(column * stretch);
    const to = Math.min(values.length, Math.floor((column + 1) * stretch));
    let least: readonly [number, number] | undefined;
    let greatest: readonly [number, number] | undefined;
    for (let position = from; position < to; position++) {
      const value = Number(values[position]);
      if (!Number.isFinite(value)) continue;
      if (least === undefined || value < least[1]) least = [position, value];
      if (greatest === undefined || value > greatest[1]) greatest = [position, value];
    }
    if (least === undefined || greatest === undefined) continue;
    if (least[0] === greatest[0]) points.push(least);
    else points.push(...(least[0] < greatest[0] ? [least, greatest] : [greatest, least]));
  }
  return points;
}

function histogram(values: ArrayLike<number | bigint>, low: number, high: number, count: number): SafeHtml {
  const bins = Array.from({ length: Math.min(BINS, Math.max(1, Math.ceil(Math.sqrt(count) * 2))) }, () => 0);
  for (let index = 0; index < values.length; index++) {
    const value = Number(values[index]);
    if (!Number.isFinite(value)) continue;
    const bin = Math.min(bins.length - 1, Math.floor(share(value, low, high) * bins.length));
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  const most = Math.max(...bins);
  const width = 240 / bins.length;
  const bars = bins.map((size, bin) => {
    const height = round((size / most) * HEIGHT);
    return markup`<rect
      class="bar"
      x="${round(bin * width + width * 0.06)}"
      y="${round(HEIGHT - height)}"
      width="${round(width * 0.88)}"
      height="${height}"
    />`;
  });
  const label = `How the values spread: ${bins.length} bins, the fullest has ${formatCount(most)}`;
  return markup`<svg viewBox="0 -2 240 ${HEIGHT + 4}" preserveAspectRatio="none" role="img" aria-label="${label}">${join(bars)}</svg>`;
}

/** Where a value lies between two others, from 0 to 1; in the middle when they are equal. */
function share(value: number, low: number, high: number): number {
  if (low === high) return 0.5;
  // Halved, so that the distance of extreme values does not overflow.
  return Math.min(1, Math.max(0, (value / 2 - low / 2) / (high / 2 - low / 2)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
