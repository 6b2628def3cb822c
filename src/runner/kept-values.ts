import type { FlowDefinition } from "../core/definition.js";
import type { TaskProcessRequest } from "../core/messages.js";
import type { RunRecord } from "../core/records.js";

/** What a run that goes on from an earlier one takes over of its values; the rest is settled anew. */
export type KeptValues = Required<Pick<Extract<TaskProcessRequest, { readonly type: "prepare" }>, "kept" | "keptInitial">>;

/**
 * The earlier run's parameters, and what its initialisers gave where their text is the same: a random seed or a start
 * time stays one value, whichever run does a task.
 */
export function keptValues(before: RunRecord, definition: FlowDefinition): KeptValues {
  const now = initialisers(definition);
  const kept = definition.parameters.flatMap(({ name }) => {
    const ref = before.parameters[name];
    return ref === undefined ? [] : [[name, ref] as const];
  });
  const keptInitial = Object.entries(before.initial).filter(([name]) => {
    const text = before.initialisers?.[name];
    return text !== undefined && text === now[name];
  });
  return { kept: Object.fromEntries(kept), keptInitial: Object.fromEntries(keptInitial) };
}

/** A hash of the text of each field's initialiser. */
export function initialisers({ members }: FlowDefinition): Readonly<Record<string, string>> {
  return Object.fromEntries(members.flatMap(({ name, initialiser }) => (initialiser === undefined ? [] : [[name, initialiser] as const])));
}
