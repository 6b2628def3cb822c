import type { FlowDefinition } from "../core/definition.js";
import { parseWith } from "../flow/with-option.js";

/** Adds the decorators of `--with` to each step that lacks them. */
export function addWith(definition: FlowDefinition, texts: readonly string[]): FlowDefinition {
  if (texts.length === 0) return definition;
  const added = texts.map((text) => parseWith(text));
  const steps = definition.steps.map((step) => {
    const lacking = added.filter((use) => !step.decorators.some(({ name }) => name === use.name));
    return lacking.length === 0 ? step : { ...step, decorators: [...step.decorators, ...lacking] };
  });
  return { ...definition, steps };
}
