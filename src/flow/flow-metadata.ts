import type { DecoratorUse } from "../core/definition.js";
import { declarationsOf, type Declaration } from "./declarations.js";
import type { AppliedDecorator, OptionFunction } from "./decorator-options.js";
import { classChain, type FlowClass } from "./flow-class.js";
import type { FlowSpec } from "./flow-spec.js";

/** What a flow's decorators say, base classes included. */
export interface FlowMetadata {
  readonly name: string;
  /** In source order, base classes first. */
  readonly steps: readonly StepMetadata[];
  /** Decorators of the class and its base classes; a class's own before its base's. */
  readonly decorators: readonly DecoratorUse[];
  /** Methods that have decorators of steps, but are none. */
  readonly unmarked: readonly { readonly method: string; readonly decorators: readonly string[] }[];
}

export interface StepMetadata {
  readonly name: string;
  /** As instances have it: wrapped by the user's decorators, overridden by subclasses. */
  readonly method: (...args: unknown[]) => unknown;
  /** In written order. A subclass's method with decorators of its own brings these alone; one without keeps its base's. */
  readonly decorators: readonly DecoratorUse[];
  /** Options that are functions, by decorator and option: `functions.retry?.if`. */
  readonly functions: Readonly<Record<string, Readonly<Record<string, OptionFunction>>>>;
}

const known = new WeakMap<FlowClass, FlowMetadata>();

export function flowMetadata(Flow: FlowClass): FlowMetadata {
  const metadata = known.get(Flow) ?? readMetadata(Flow);
  known.set(Flow, metadata);
  return metadata;
}

/**
 * The step that a function given to `this.next` is; undefined when it is none.
 * @param flow The instance whose step calls `this.next`.
 */
export function stepNameOf(flow: FlowSpec, method: unknown): string | undefined {
  const Flow: unknown = flow.constructor;
  return isClass(Flow) ? flowMetadata(Flow).steps.find((step) => step.method === method || Reflect.get(flow, step.name) === method)?.name : undefined;
}

function readMetadata(Flow: FlowClass): FlowMetadata {
  const chain = classChain(Flow);
  const methods = new Map<string, Declaration>();
  const decorators: AppliedDecorator[] = [];
  for (const current of chain) {
    const declared = declarationsOf(current);
    for (const name of Object.getOwnPropertyNames(current.prototype)) {
      const own = declared?.methods.get(name);
      if (own === undefined) continue;
      methods.set(name, { decorators: own.decorators, isStep: own.isStep || (methods.get(name)?.isStep ?? false) });
    }
    for (const applied of (declared?.class.decorators ?? []).toReversed()) {
      const overridden = decorators.findIndex(({ use }) => use.name === applied.use.name);
      if (overridden >= 0) decorators.splice(overridden, 1);
      decorators.unshift(applied);
    }
  }
  const steps: StepMetadata[] = [];
  const unmarked: FlowMetadata["unmarked"][number][] = [];
  for (const [name, declaration] of methods) {
    const method: unknown = Reflect.get(Flow.prototype, name);
    if (!declaration.isStep) unmarked.push({ method: name, decorators: declaration.decorators.map(({ use }) => use.name) });
    else if (isMethod(method)) steps.push(describeStep(name, method, declaration));
  }
  return { name: Flow.name, steps, decorators: decorators.map(({ use }) => use), unmarked };
}

function describeStep(name: string, method: StepMetadata["method"], { decorators }: Declaration): StepMetadata {
  const functions = decorators.filter((applied) => Object.keys(applied.functions).length > 0);
  return {
    name,
    method,
    decorators: decorators.map(({ use }) => use),
    functions: Object.fromEntries(functions.map((applied) => [applied.use.name, applied.functions])),
  };
}

function isMethod(value: unknown): value is StepMetadata["method"] {
  return typeof value === "function";
}

function isClass(value: unknown): value is FlowClass {
  return typeof value === "function";
}
