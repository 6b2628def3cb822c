import { FlowSpec } from "./flow-spec.js";

/** A class that millrace can run: a concrete subclass of FlowSpec whose constructor takes nothing. */
export type FlowClass<F extends FlowSpec = FlowSpec> = new () => F;

/** Is a module's export the class of a flow? Abstract base classes look the same at run time. */
export function isFlowClass(value: unknown): value is FlowClass {
  return typeof value === "function" && value.prototype instanceof FlowSpec;
}

/** The class and its base classes up to FlowSpec, base first. */
export function classChain(Flow: FlowClass): readonly FlowClass[] {
  const chain: FlowClass[] = [];
  for (let current: unknown = Flow; isFlowClass(current); current = Object.getPrototypeOf(current)) chain.unshift(current);
  return chain;
}
