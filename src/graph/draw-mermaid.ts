import type { Graph, GraphStep } from "../core/graph.js";
import { readingOrder } from "./reading-order.js";

/** A flowchart for Mermaid. Steps have numbers for ids, since some names (`end`) are words of Mermaid's own. */
export function drawMermaid(graph: Graph): string {
  const steps = readingOrder(graph);
  const ids = new Map(steps.map(({ name }, index) => [name, `s${index}`]));
  const id = (name: string): string => ids.get(name) ?? name;
  const lines = [
    "flowchart TD",
    ...steps.map((step) => `  ${id(step.name)}${shapeOf(step)}`),
    ...steps.flatMap((step) => step.next.map((target) => `  ${id(step.name)} ${arrowOf(step)} ${id(target)}`)),
  ];
  return `${lines.join("\n")}\n`;
}

function shapeOf({ name, kind, joins }: GraphStep): string {
  const label = `"${escape(name)}"`;
  if (name === "start" || kind === "end") return `([${label}])`;
  if (joins !== undefined) return `[/${label}\\]`;
  return kind === "switch" ? `{${label}}` : `[${label}]`;
}

function arrowOf({ kind }: GraphStep): string {
  if (kind === "foreach") return "==>|foreach|";
  return kind === "switch" ? "-.->" : "-->";
}

function escape(text: string): string {
  return text.replaceAll("#", "#35;").replaceAll('"', "#quot;").replaceAll("<", "#lt;").replaceAll(">", "#gt;").replaceAll(/\s+/g, " ");
}
