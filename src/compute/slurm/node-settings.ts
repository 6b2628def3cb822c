import { findDecorator, isString, option } from "../../core/definition.js";
import type { GraphStep } from "../../core/graph.js";
import type { JsonValue } from "../../core/json.js";
import type { SlurmDefaults } from "../../core/records.js";

/** How a step's jobs find Node on the cluster's nodes. */
export interface NodeSettings {
  /** Shell lines that come before everything. */
  readonly setup: readonly string[];
  /** Node's program; absent: the first in PATH, else the one that runs millrace here. */
  readonly node?: string;
}

export function nodeSettings(step: GraphStep, defaults: SlurmDefaults): NodeSettings {
  const slurm = findDecorator(step, "slurm");
  const node = option(slurm, "node", isString) ?? defaults.node;
  return { setup: option(slurm, "setup", isTexts) ?? defaults.setup ?? [], ...(node !== undefined && { node }) };
}

export function isTexts(value: JsonValue): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
