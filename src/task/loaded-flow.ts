import type { Locator } from "../bundle/locator.js";
import type { FlowClass } from "../flow/flow-class.js";
import type { FlowMetadata } from "../flow/flow-metadata.js";
import type { OptionFunction } from "../flow/decorator-options.js";

/** A flow's class in this process, with what its decorators say. */
export interface LoadedFlow {
  readonly flowClass: FlowClass;
  readonly metadata: FlowMetadata;
  readonly locator: Locator;
  readonly exportName: string;
}

/** The function a step's decorator was given as an option. */
export function optionFunction(flow: LoadedFlow, step: string, decorator: string, option: string): OptionFunction | undefined {
  return flow.metadata.steps.find((one) => one.name === step)?.functions[decorator]?.[option];
}
