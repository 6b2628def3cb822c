import type { AnyNode, CallExpression, MemberExpression } from "acorn";
import { isHelper, memberName, offsetOf, type ClassSource, type FunctionNode } from "./class-source.js";
import { childrenOf, literalText, literalTexts, propertyOf } from "./syntax.js";
import { readTransition, type SourceTransition } from "./transition-reader.js";

/** What a method's own source does with the flow, in source order. */
export type FlowAction =
  | { readonly type: "set" | "read" | "call"; readonly name: string; readonly offset: number }
  /** A member of the base class: `super.name`. */
  | { readonly type: "super"; readonly name: string; readonly offset: number }
  | { readonly type: "transition"; readonly transition: SourceTransition }
  | { readonly type: "merge"; readonly include?: readonly string[]; readonly exclude?: readonly string[] }
  /** The flow goes where this source cannot follow. */
  | { readonly type: "opaque" };

/** Reads what a method, or another function that shares its `this`, does with the flow. */
export function readMethod(source: ClassSource, code: FunctionNode): readonly FlowAction[] {
  const reader = new MethodReader(source);
  reader.readFunction(code);
  return reader.actions;
}

class MethodReader {
  readonly actions: FlowAction[] = [];
  readonly #source: ClassSource;
  /** Variables that are the flow: `const self = this`. */
  readonly #aliases = new Set<string>();
  /** What constants are, so that `const target = this.a` can be followed; null for a name that stands for several. */
  readonly #constants = new Map<string, AnyNode | null>();
  /** Whether `this` is the flow here. */
  #shared = true;

  constructor(source: ClassSource) {
    this.#source = source;
  }

  readFunction(code: FunctionNode): void {
    for (const parameter of code.params) this.#visit(parameter);
    this.#visit(code.body);
  }

  #visit(node: AnyNode): void {
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- most nodes are nothing but their children
    switch (node.type) {
      case "ThisExpression":
      case "Identifier":
        if (this.#isFlow(node)) this.actions.push({ type: "opaque" });
        return;
      case "MemberExpression":
        return this.#visitMember(node);
      case "CallExpression":
        return this.#visitCall(node);
      case "AssignmentExpression":
        return this.#visitAssignment(node.left, node.right, node.operator !== "=");
      case "UpdateExpression":
        return this.#visitTarget(node.argument, true);
      case "UnaryExpression":
        return node.operator === "delete" ? this.#visitTarget(node.argument, false) : this.#visit(node.argument);
      case "BinaryExpression":
        // Comparing the flow, or asking what it has, does not give it away.
        for (const side of [node.left, node.right]) if (!this.#isFlow(side)) this.#visit(side);
        return;
      case "ForOfStatement":
      case "ForInStatement":
        this.#visit(node.right);
        if (node.left.type === "VariableDeclaration") this.#visit(node.left);
        else this.#visitTarget(node.left, false);
        return this.#visit(node.body);
      case "VariableDeclaration":
        for (const { id, init } of node.declarations) {
          if (node.kind === "const" && id.type === "Identifier" && init) this.#constants.set(id.name, this.#constants.has(id.name) ? null : init);
          if (init) this.#visitAssignment(id, init, false);
          else this.#visitTarget(id, false);
        }
        return;
      case "Property":
        if (node.computed) this.#visit(node.key);
        return this.#visit(node.value);
      case "FunctionExpression":
      case "FunctionDeclaration":
        return this.#withoutThis(() => this.readFunction(node));
      case "ClassExpression":
      case "ClassDeclaration":
        return this.#withoutThis(() => this.#visitChildren(node));
      case "MethodDefinition":
      case "PropertyDefinition":
        if (node.computed) this.#visit(node.key);
        if (node.value) this.#visit(node.value);
        return;
      case "LabeledStatement":
        return this.#visit(node.body);
      case "BreakStatement":
      case "ContinueStatement":
        return;
      default:
        this.#visitChildren(node);
    }
  }

  #visitChildren(node: AnyNode): void {
    for (const child of childrenOf(node)) this.#visit(child);
  }

  #visitMember(node: MemberExpression): void {
    const name = this.#memberOfFlow(node);
    if (node.object.type === "Super") {
      const member = memberName({ key: node.property, computed: node.computed });
      if (member !== undefined) this.actions.push({ type: "super", name: member, offset: offsetOf(node) });
    } else if (name === undefined) {
      this.#visit(node.object);
      if (node.computed) this.#visit(node.property);
    } else {
      this.#read(name, node);
    }
  }

  #read(name: string, node: AnyNode): void {
    // Passed on or kept instead of called: where it leads cannot be seen.
    if (name === "next") this.#transition(node, []);
    else if (name === "mergeArtifacts") this.actions.push({ type: "merge" });
    else this.actions.push({ type: "read", name, offset: offsetOf(node) });
  }

  #visitCall(node: CallExpression): void {
    const { callee } = node;
    const name = this.#memberOfFlow(callee);
    if (name === "next" || isSuperMember(callee, "next")) return this.#visitNext(node);
    if (name === "mergeArtifacts" || isSuperMember(callee, "mergeArtifacts")) this.#merge(node);
    else if (name !== undefined) this.actions.push({ type: "call", name, offset: offsetOf(callee) });
    else this.#visitCallee(node);
    for (const argument of node.arguments) if (!this.#isOwnThis(node, argument)) this.#visit(argument);
  }

  #visitCallee({ callee }: CallExpression): void {
    const bound = this.#boundMember(callee);
    if (bound === undefined) this.#visit(callee);
    else this.actions.push({ type: "call", name: bound, offset: offsetOf(callee) });
  }

  /** The flow as the argument of `this.clean.bind(this)`, or of the functions that stand for private fields. */
  #isOwnThis({ callee, arguments: args }: CallExpression, argument: AnyNode): boolean {
    if (argument !== args[0] || !this.#isFlow(argument)) return false;
    if (this.#boundMember(callee) !== undefined) return true;
    // A private method's source stands outside the class, so its call (kind "m") is not followed.
    if (isHelper(callee, "__classPrivateFieldGet", "__classPrivateFieldSet", "__classPrivateFieldIn")) {
      return !args.some((other) => literalText(other) === "m");
    }
    return isHelper(callee, "__privateGet", "__privateSet", "__privateAdd", "__privateIn", "__privateWrapper");
  }

  /** `clean`, of `this.clean.bind`, `.call` or `.apply`. */
  #boundMember(callee: AnyNode): string | undefined {
    if (callee.type !== "MemberExpression") return undefined;
    const method = memberName({ key: callee.property, computed: callee.computed });
    return method === "bind" || method === "call" || method === "apply" ? this.#memberOfFlow(callee.object) : undefined;
  }

  #visitNext(node: CallExpression): void {
    this.#transition(node, node.arguments);
    for (const argument of node.arguments) {
      if (argument.type === "ObjectExpression") this.#visit(argument);
      else if (argument.type === "ConditionalExpression") this.#visit(argument.test);
    }
  }

  #transition(node: AnyNode, args: readonly AnyNode[]): void {
    const transitions = readTransition({
      source: this.#source,
      node,
      args,
      stepOf: (argument) => this.#memberOfFlow(argument),
      constantOf: (name) => this.#constants.get(name) ?? undefined,
    });
    for (const transition of transitions) this.actions.push({ type: "transition", transition });
  }

  #merge({ arguments: [, options] }: CallExpression): void {
    const include = literalTexts(propertyOf(options, "include"));
    const exclude = literalTexts(propertyOf(options, "exclude"));
    this.actions.push({ type: "merge", ...(include !== undefined && { include }), ...(exclude !== undefined && { exclude }) });
  }

  #visitAssignment(left: AnyNode, right: AnyNode, readsToo: boolean): void {
    if (!this.#isFlow(right)) {
      this.#visit(right);
      this.#visitTarget(left, readsToo);
    } else if (left.type === "Identifier") this.#aliases.add(left.name);
    else if (left.type === "ObjectPattern") {
      for (const property of left.properties) {
        const name = property.type === "Property" ? memberName(property) : undefined;
        if (name === undefined) this.actions.push({ type: "opaque" });
        else this.#read(name, property);
        if (property.type === "Property") this.#visitTarget(property.value, false);
      }
    } else {
      this.actions.push({ type: "opaque" });
      this.#visitTarget(left, readsToo);
    }
  }

  /** What is assigned to. */
  #visitTarget(node: AnyNode, readsToo: boolean): void {
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- patterns and members only are assigned to
    switch (node.type) {
      case "Identifier":
        return;
      case "MemberExpression": {
        const name = this.#memberOfFlow(node);
        if (name === undefined) return this.#visitMember(node);
        if (readsToo) this.actions.push({ type: "read", name, offset: offsetOf(node) });
        this.actions.push({ type: "set", name, offset: offsetOf(node) });
        return;
      }
      case "ObjectPattern":
        for (const property of node.properties) {
          if (property.type === "Property" && property.computed) this.#visit(property.key);
          this.#visitTarget(property.type === "Property" ? property.value : property.argument, false);
        }
        return;
      case "ArrayPattern":
        for (const element of node.elements) if (element) this.#visitTarget(element, false);
        return;
      case "AssignmentPattern":
        this.#visitTarget(node.left, false);
        return this.#visit(node.right);
      case "RestElement":
        return this.#visitTarget(node.argument, false);
      case "ChainExpression":
        return this.#visitTarget(node.expression, readsToo);
      default:
        this.#visit(node);
    }
  }

  /** The member's name, of `this.name`; undefined for all else, also when it is computed. */
  #memberOfFlow(node: AnyNode): string | undefined {
    if (node.type === "ChainExpression") return this.#memberOfFlow(node.expression);
    if (node.type !== "MemberExpression" || !this.#isFlow(node.object)) return undefined;
    return node.computed ? literalText(node.property) : memberName({ key: node.property, computed: false });
  }

  #isFlow(node: AnyNode): boolean {
    return node.type === "ThisExpression" ? this.#shared : node.type === "Identifier" && this.#aliases.has(node.name);
  }

  #withoutThis(visit: () => void): void {
    const outer = this.#shared;
    this.#shared = false;
    visit();
    this.#shared = outer;
  }
}

function isSuperMember(node: AnyNode, name: string): boolean {
  return node.type === "MemberExpression" && node.object.type === "Super" && memberName({ key: node.property, computed: node.computed }) === name;
}
