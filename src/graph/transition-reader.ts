import type { AnyNode } from "acorn";
import { offsetOf, textOf, type ClassSource } from "./class-source.js";
import { propertyOf } from "./syntax.js";

/** A `this.next(...)` as its source has it. */
export interface SourceTransition {
  readonly kind: "next" | "foreach" | "unreadable";
  readonly targets: readonly string[];
  /** What cannot be read, when it is unreadable. */
  readonly problem?: string;
  readonly offset: number;
}

export interface TransitionCall {
  readonly source: ClassSource;
  /** The call. */
  readonly node: AnyNode;
  readonly args: readonly AnyNode[];
  /** The name in `this.name`. */
  readonly stepOf: (argument: AnyNode) => string | undefined;
  /** What a constant of the method was given. */
  readonly constantOf: (name: string) => AnyNode | undefined;
}

/**
 * Reads the transition that a call of `this.next` is. A target that is chosen in place (`ok ? this.a : this.b`) makes
 * several, of which a run takes one.
 */
export function readTransition(call: TransitionCall): readonly SourceTransition[] {
  const { node, args, source } = call;
  if (node.type !== "CallExpression") return [unreadable(call, `${textOf(source, node)} is not called where it stands`)];
  const options = args.at(-1);
  const hasOptions = options?.type === "ObjectExpression";
  const steps = hasOptions ? args.slice(0, -1) : args;
  if (steps.length === 0) return [unreadable(call, `${textOf(source, node)} names no step`)];
  if (hasOptions) {
    if (propertyOf(options, "foreach") === undefined) return [unreadable(call, `the options ${textOf(source, options)} do not show foreach`)];
    if (steps.length > 1) return [unreadable(call, `${textOf(source, node)} fans out to ${steps.length} steps; a foreach has one`)];
  }
  const [only, ...others] = steps.map((step) => choicesOf(call, step));
  const unknown = steps.find((step) => choicesOf(call, step) === undefined);
  if (only === undefined || unknown !== undefined) return [unreadable(call, `${textOf(source, unknown ?? node)} is not written as this.stepName`)];
  const kind = hasOptions ? "foreach" : "next";
  const offset = offsetOf(node);
  if (others.length === 0) return only.map((target) => ({ kind, targets: [target], offset }));
  const targets = [only, ...others].map((choices) => (choices?.length === 1 ? choices[0] : undefined));
  if (targets.every((target) => target !== undefined)) return [{ kind, targets, offset }];
  return [unreadable(call, `${textOf(source, node)} chooses between branches; write each set of branches as a call of its own`)];
}

/**
 * The steps that an argument can be; undefined when that cannot be seen.
 * @param followed Constants that led here.
 */
function choicesOf(call: TransitionCall, argument: AnyNode, followed: readonly string[] = []): readonly string[] | undefined {
  const step = call.stepOf(argument);
  if (step !== undefined) return [step];
  if (argument.type === "ConditionalExpression") {
    const yes = choicesOf(call, argument.consequent, followed);
    const no = choicesOf(call, argument.alternate, followed);
    return yes === undefined || no === undefined ? undefined : [...yes, ...no];
  }
  if (argument.type !== "Identifier" || followed.includes(argument.name)) return undefined;
  const constant = call.constantOf(argument.name);
  return constant === undefined ? undefined : choicesOf(call, constant, [...followed, argument.name]);
}

function unreadable({ node }: TransitionCall, problem: string): SourceTransition {
  return { kind: "unreadable", targets: [], problem, offset: offsetOf(node) };
}
