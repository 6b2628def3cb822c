import { FlowSpec } from "../flow/flow-spec.js";

const members: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(FlowSpec.prototype));

/** Is it the name of a member that every flow has: `next`, `input`, and what every object has, such as `constructor`? */
export function isFlowMember(name: string): boolean {
  return members.has(name) || name in Object.prototype;
}

/** The same, for messages. */
export function listFlowMembers(): readonly string[] {
  return [...members].filter((name) => name !== "constructor");
}
