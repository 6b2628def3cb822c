import type { Graph, GraphStep } from "../core/graph.js";
import { readingOrder } from "./reading-order.js";
import { describeDecorator } from "./step-label.js";

/** A digraph for Graphviz: decorators under the step's name, documentation as a tooltip. */
export function drawDot(graph: Graph): string {
  const steps = readingOrder(graph);
  const lines = [
    `digraph ${quote(graph.flow)} {`,
    "  rankdir=TB;",
    '  node [shape=box, style=rounded, fontname="Helvetica"];',
    ...steps.map(drawNode),
    ...steps.flatMap((step) => step.next.map((target) => `  ${quote(step.name)} -> ${quote(target)}${edgeStyle(step)};`)),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

function drawNode(step: GraphStep): string {
  const label = [step.name, ...step.decorators.map(describeDecorator)].join("\n");
  const attributes = [`label=${quote(label)}`, ...shapeOf(step), ...(step.doc === undefined ? [] : [`tooltip=${quote(step.doc)}`])];
  return `  ${quote(step.name)} [${attributes.join(", ")}];`;
}

function shapeOf({ name, kind, joins }: GraphStep): readonly string[] {
  if (name === "start" || kind === "end") return ["shape=oval"];
  if (joins !== undefined) return ["shape=invtrapezium"];
  return kind === "switch" ? ["shape=diamond"] : [];
}

function edgeStyle({ kind }: GraphStep): string {
  if (kind === "foreach") return ' [label="foreach", style=bold]';
  return kind === "switch" ? " [style=dashed]" : "";
}

function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll(/\r?\n/g, "\\n")}"`;
}
