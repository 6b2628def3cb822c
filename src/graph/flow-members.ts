import { FlowSpec } from "../flow/flow-spec.js";

const members: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(FlowSpec.prototype));

/** Is it the name of a member that every flow has: `next`, `input`, `constructor` …? */
export function isFlowMember(name: string): boolean {
  return members.has(name);
}

/** The same, for messages. */
export function listFlowMembers(): readonly string[] {
  return [...members].filter((name) => name !== "constructor");
}
