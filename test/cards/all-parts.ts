import { Artifact, Html, Image, Log, Markdown, ProgressBar, Table, ValueBox, VegaChart, type Component } from "../../src/cards/index.js";
import type { Failure } from "../../src/core/failure.js";
import { graphOf, type SubjectParts } from "./sample-card.js";

export const points = Array.from({ length: 40 }, (_, epoch) => ({ epoch, loss: Math.exp(-epoch / 12) + Math.sin(epoch * 1.7) * 0.03 }));

export const lineChart = {
  data: { values: points },
  mark: "line",
  encoding: { x: { field: "epoch", type: "quantitative" }, y: { field: "loss", type: "quantitative" } },
};

const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="240" height="90"><circle cx="60" cy="45" r="30" fill="#3b6fd4"/></svg>`;

/** One of every part. */
export function allParts(): Component[] {
  return [
    new ValueBox({ title: "Accuracy", value: 91.72, unit: "%", before: 88.1 }),
    new ValueBox({ title: "Rows", value: 12_500, note: "3 of them empty" }),
    new ValueBox({ title: "Best city", value: "Oslo" }),
    new Markdown(
      "# Results\n\nThe loss fell **steadily**; see [the docs](https://example.com).\n\n- one\n- two with `code`\n\n| city | score |\n|---|--:|\n| Oslo | 12 |\n\n> A quotation.\n\n```ts\nconst x = 1;\n```",
    ),
    new VegaChart(lineChart, { title: "Loss" }),
    new ProgressBar({ value: 45, max: 60, label: "Epochs" }),
    new Table(
      points.map(({ epoch, loss }) => ({
        epoch,
        loss,
        day: new Date(Date.UTC(2026, 0, 1 + epoch)),
        note: epoch % 5 === 0 ? "a longer note ".repeat(8) : undefined,
      })),
      { title: "Epochs", maxRows: 6 },
    ),
    new Image(picture, { title: "A circle" }),
    new Log(["first line", "second line"], { title: "Notes" }),
    new Html("<style>body { background: teal } h1 { color: white }</style><h1>Mine</h1>", { title: "Own HTML", height: 120 }),
    new Artifact({ a: 1, b: [true, null], c: { d: "x".repeat(300) } }, { name: "Settings" }),
  ];
}

const failure: Failure = {
  code: "exception",
  name: "RangeError",
  message: "two is too many",
  hint: "Take one.",
  frames: [{ function: "Score.fan", file: "flow.ts", line: 50, column: 7 }],
  codeFrame: `  49 | a\n> 50 | throw ${"x".repeat(200)}\n     | ^`,
  cause: { code: "exception", name: "Error", message: "the disk is slow", frames: [] },
};

/** A task that has something of everything. */
export const fullTask: SubjectParts = {
  parameters: { alpha: 0.05, names: ["Oslo", "Lima", "Accra"], options: { layers: [16, 8], name: "adam" } },
  artifacts: {
    rows: points,
    losses: points.map(({ loss }) => loss),
    total: 12_500,
    picture: Buffer.from(picture),
    model: { weights: Float64Array.of(1, 2, 3), labels: new Map([["cat", 0]]), done: true, none: null, when: new Date(0), problem: new Error("odd") },
    summary: "The model\nconverged.",
  },
  inherited: { before: 1, large: "x".repeat(50_000) },
  log: [
    { time: 0, stream: "stdout", text: "epoch 1", complete: true },
    { time: 0, stream: "stderr", text: "careful", complete: true },
  ],
  run: {
    tags: ["nightly", "reviewed"],
    graph: graphOf(
      { start: ["left", "right"], left: ["join"], right: ["right", "join"], join: ["each"], each: ["collect"], collect: ["end"], end: [] },
      { right: "switch", join: "foreach" },
    ),
  },
  record: { label: "chunk 3", foreach: [{ split: "start/0", index: 3, count: 10 }], status: "failed", failure },
};
