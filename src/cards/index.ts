/** What a step puts into its card: `current.card.append(new Table(rows))`. */
export { Artifact, type ArtifactOptions } from "./components/artifact.js";
export { Component } from "./components/component.js";
export { Html, type HtmlOptions } from "./components/html-frame.js";
export { Image, type ImageOptions } from "./components/image.js";
export { Log, type LogOptions } from "./components/log.js";
export { Markdown } from "./components/markdown.js";
export { ProgressBar, type ProgressBarOptions } from "./components/progress-bar.js";
export { Table, type TableOptions, type TableRows } from "./components/table.js";
export { ValueBox, type ValueBoxOptions } from "./components/value-box.js";
export { VegaChart, type VegaChartOptions, type VegaSpec } from "./components/vega-chart.js";
