import { parseExpressionAt, type AnyNode, type Class, type Expression, type MethodDefinition, type PropertyDefinition } from "acorn";
import { messageOf, MillraceError } from "../core/errors/millrace-error.js";
import type { FlowClass } from "../flow/flow-class.js";

/** A function in a class's text. */
export type FunctionNode = Extract<AnyNode, { type: "FunctionExpression" | "ArrowFunctionExpression" | "FunctionDeclaration" }>;

/** A member as a class's text shows it. */
export interface ClassMember {
  readonly name: string;
  readonly kind: "field" | "method" | "accessor";
  /** What runs when it is called (a method, a field that is an arrow function) or read (a getter). */
  readonly code?: FunctionNode;
  /** Of a field that has an initialiser: its text, on one line. */
  readonly initialiser?: string;
  /** Where its name stands in the class's text. */
  readonly offset: number;
}

/** A class's own text, parsed once. */
export interface ClassSource {
  readonly Flow: FlowClass;
  /** `String(Class)`: as the bundle has it, not as wrapping decorators have changed it. */
  readonly text: string;
  readonly members: ReadonlyMap<string, ClassMember>;
}

// Around the text, so that a class of any form is an expression; taken off every offset again.
const OPENING = "(";

/**
 * Parses a class's text.
 * @throws MillraceError `flow-unreadable` when it is not JavaScript that the parser knows.
 */
export function readClassSource(Flow: FlowClass): ClassSource {
  const text = Function.prototype.toString.call(Flow);
  const members = new Map<string, ClassMember>();
  const add = (member: ClassMember): void => void members.set(member.name, member);
  for (const element of parseClass(Flow, text).body.body) {
    if (element.type === "StaticBlock" || element.static) continue;
    if (element.type === "PropertyDefinition") addField(element, text, add);
    else if (element.kind === "constructor") for (const member of constructorFields(element, text)) add(member);
    else addMethod(element, members.get(memberName(element) ?? ""), add);
  }
  return { Flow, text, members };
}

/** Where a node starts in the class's text. */
export function offsetOf(node: AnyNode): number {
  return node.start - OPENING.length;
}

/** A node as the class's text has it, on one line. */
export function textOf({ text }: Pick<ClassSource, "text">, node: AnyNode): string {
  return text.slice(offsetOf(node), node.end - OPENING.length).replaceAll(/\s+/g, " ");
}

/** The name of a member, `#name` for a private one; undefined when it is computed. */
export function memberName({ key, computed }: { readonly key: AnyNode; readonly computed: boolean }): string | undefined {
  if (key.type === "PrivateIdentifier") return `#${key.name}`;
  if (key.type === "Identifier" && !computed) return key.name;
  return key.type === "Literal" && typeof key.value === "string" ? key.value : undefined;
}

function parseClass(Flow: FlowClass, text: string): Class {
  let expression: Expression;
  try {
    expression = parseExpressionAt(`${OPENING}${text})`, 0, { ecmaVersion: "latest" });
  } catch (error) {
    throw new MillraceError("flow-unreadable", { flow: Flow.name, reason: messageOf(error) }, { cause: error });
  }
  if (expression.type === "ClassExpression") return expression;
  throw new MillraceError("flow-unreadable", { flow: Flow.name, reason: "its text is no class" });
}

function addField(element: PropertyDefinition, text: string, add: (member: ClassMember) => void): void {
  const name = memberName(element);
  if (name !== undefined) add(field(name, element.value ?? undefined, offsetOf(element.key), text));
}

function addMethod(element: MethodDefinition, existing: ClassMember | undefined, add: (member: ClassMember) => void): void {
  const name = memberName(element);
  if (name === undefined || (element.kind === "set" && existing !== undefined)) return;
  add({ name, kind: element.kind === "method" ? "method" : "accessor", code: element.value, offset: offsetOf(element.key) });
}

/** @param text The class's. */
function field(name: string, value: Expression | undefined, offset: number, text: string): ClassMember {
  if (value === undefined) return { name, kind: "field", offset };
  const code = arrowFunction(value);
  return { name, kind: "field", offset, initialiser: textOf({ text }, value), ...(code !== undefined && { code }) };
}

/** Fields that the constructor sets: written so, or moved there by esbuild (`__publicField(this, "alpha", 1)`). */
function* constructorFields(constructor: MethodDefinition, text: string): Generator<ClassMember> {
  for (const statement of constructor.value.body.body) {
    if (statement.type !== "ExpressionStatement") continue;
    const { expression } = statement;
    if (expression.type === "CallExpression" && isHelper(expression.callee, "__publicField")) {
      const [target, key, value] = expression.arguments;
      if (target?.type !== "ThisExpression" || key?.type !== "Literal" || typeof key.value !== "string") continue;
      yield field(key.value, value === undefined || value.type === "SpreadElement" ? undefined : value, offsetOf(key), text);
    } else if (
      expression.type === "AssignmentExpression" &&
      expression.left.type === "MemberExpression" &&
      expression.left.object.type === "ThisExpression"
    ) {
      const name = memberName({ key: expression.left.property, computed: expression.left.computed });
      if (name !== undefined) yield field(name, expression.right, offsetOf(expression.left.property), text);
    }
  }
}

function arrowFunction(value: Expression): FunctionNode | undefined {
  if (value.type === "ArrowFunctionExpression") return value;
  if (value.type !== "CallExpression" || !isHelper(value.callee, "__name")) return undefined;
  const [named] = value.arguments;
  return named?.type === "ArrowFunctionExpression" ? named : undefined;
}

/** Is the callee one of the functions that a compiler adds? A number at the end tells several copies apart. */
export function isHelper(callee: AnyNode, ...names: readonly string[]): boolean {
  return callee.type === "Identifier" && names.includes(callee.name.replace(/\d+$/, ""));
}
