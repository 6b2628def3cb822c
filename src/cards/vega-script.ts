import { readFileSync } from "node:fs";

let script: string | undefined;

/** The program that draws charts in the page: Vega and Vega-Lite, built with this package. */
export function vegaScript(): string {
  script ??= readFileSync(new URL("../../dist/cards/vega-charts.js", import.meta.url), "utf8");
  return script;
}
