import type { AnyNode } from "acorn";

/** The nodes directly inside a node, in source order. */
export function* childrenOf(node: AnyNode): Generator<AnyNode> {
  for (const value of Object.values(node)) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const child of values) if (isNode(child)) yield child;
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value && typeof value.type === "string";
}

/** A text that stands in the source as such. */
export function literalText(node: AnyNode): string | undefined {
  if (node.type === "Literal") return typeof node.value === "string" ? node.value : undefined;
  if (node.type !== "TemplateLiteral" || node.expressions.length > 0) return undefined;
  return node.quasis[0]?.value.cooked ?? undefined;
}

/** The texts of an array that stands in the source as such. */
export function literalTexts(node: AnyNode | undefined): readonly string[] | undefined {
  if (node?.type !== "ArrayExpression") return undefined;
  const texts = node.elements.map((element) => (element === null ? undefined : literalText(element)));
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

/** The value of an object literal's property; undefined when there is none, or it may be hidden behind a spread. */
export function propertyOf(node: AnyNode | undefined, name: string): AnyNode | undefined {
  if (node?.type !== "ObjectExpression") return undefined;
  for (const property of node.properties) {
    if (property.type === "Property" && !property.computed && propertyKey(property.key) === name) return property.value;
  }
  return undefined;
}

function propertyKey(key: AnyNode): string | undefined {
  return key.type === "Identifier" ? key.name : literalText(key);
}
