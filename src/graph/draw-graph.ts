import type { ParameterDefinition } from "../core/definition.js";
import type { Graph } from "../core/graph.js";
import { drawDot } from "./draw-dot.js";
import { drawMermaid } from "./draw-mermaid.js";
import { drawText } from "./draw-text.js";

export const graphFormats = ["text", "mermaid", "dot", "json"] as const;

export type GraphFormat = (typeof graphFormats)[number];

export function isGraphFormat(text: string): text is GraphFormat {
  return graphFormats.some((format) => format === text);
}

/**
 * A graph as a text, ending in a line break: an outline for people, a diagram for Mermaid or Graphviz, or the graph's
 * own data as JSON.
 * @param parameters The flow's, which the outline lists as well.
 */
export function drawGraph(graph: Graph, format: GraphFormat, parameters: readonly ParameterDefinition[] = []): string {
  switch (format) {
    case "text":
      return drawText(graph, parameters);
    case "mermaid":
      return drawMermaid(graph);
    case "dot":
      return drawDot(graph);
    case "json":
      return `${JSON.stringify(graph, null, 2)}\n`;
  }
}
