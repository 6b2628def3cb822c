import type { FlowSpec } from "./flow-spec.js";

/** What a running task gives its flow instance: `FlowSpec`'s own members reach it here. */
export interface TaskContext {
  /** `this.next(...)` with its arguments as they came. */
  next(args: readonly unknown[]): void;
  mergeArtifacts(inputs: unknown, options: { readonly include?: readonly string[]; readonly exclude?: readonly string[] }): void;
  readonly input: unknown;
  readonly index: number | undefined;
  foreachStack(): readonly ForeachStackEntry[];
}

/** One open fan-out, as `foreachStack()` tells it. */
export interface ForeachStackEntry {
  /** The step that fanned out. */
  readonly step: string;
  /** From 0. */
  readonly index: number;
  readonly count: number;
  /** The item; read when touched. */
  readonly item: unknown;
}

const contexts = new WeakMap<FlowSpec, TaskContext>();

/** Connects an instance with the task it runs. */
export function bindTask(flow: FlowSpec, context: TaskContext): void {
  contexts.set(flow, context);
}

export function taskOf(flow: FlowSpec): TaskContext | undefined {
  return contexts.get(flow);
}
