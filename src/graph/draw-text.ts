import type { ParameterDefinition } from "../core/definition.js";
import type { Graph, GraphStep } from "../core/graph.js";
import { readingOrder } from "./reading-order.js";
import { describeDecorator, describeNext } from "./step-label.js";

/** The outline: each step with what it takes, its decorators and documentation, and where it goes on; indented inside splits. */
export function drawText(graph: Graph, parameters: readonly ParameterDefinition[]): string {
  const blocks = [
    [graph.flow, ...indent(linesOf(graph.doc), 1)],
    ...(parameters.length === 0 ? [] : [["parameters", ...indent(parameters.flatMap(describeParameter), 1)]]),
    ...readingOrder(graph).map((step) => indent(describeStep(step), step.splits.length)),
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function describeStep(step: GraphStep): readonly string[] {
  const { name, joins, decorators, doc, takes, loops } = step;
  const notes = [...(joins === undefined ? [] : [`joins ${joins}`]), ...(takes === "item" ? ["takes an item"] : []), ...(loops ? ["in a loop"] : [])];
  const next = describeNext(step);
  return [
    notes.length === 0 ? name : `${name} (${notes.join(", ")})`,
    ...indent([...decorators.map(describeDecorator), ...linesOf(doc), ...(next === undefined ? [] : [`→ ${next}`])], 1),
  ];
}

function describeParameter(parameter: ParameterDefinition): readonly string[] {
  const { flag, type, list, help } = parameter;
  return [`--${flag} (${list ? `${type} list` : type}${describeDefault(parameter)})`, ...indent(linesOf(help), 1)];
}

function describeDefault({ type, required, defaultText, computedDefault }: ParameterDefinition): string {
  if (computedDefault) return ", computed";
  if (defaultText === undefined) return required ? ", required" : "";
  return `, ${type === "string" ? JSON.stringify(defaultText) : defaultText}`;
}

function linesOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(/\r?\n/);
}

function indent(lines: readonly string[], levels: number): readonly string[] {
  return lines.map((line) => (line === "" ? line : `${"  ".repeat(levels)}${line}`));
}
