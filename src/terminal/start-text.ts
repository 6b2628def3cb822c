import { inspect } from "node:util";
import type { RunEvent } from "../core/run-event.js";
import { plural } from "../core/quantity-text.js";

type RunStarted = Extract<RunEvent, { type: "run-started" }>;

/** What a run begins with, in a line or two. */
export function formatRunStart(event: RunStarted): string[] {
  const origin = event.origin === undefined ? "" : `, going on from ${event.origin}`;
  const lines = [`run started: ${plural(event.steps.length, "step")}, up to ${plural(event.maxWorkers, "task")} at once${origin}`];
  const parameters = formatParameters(event.parameters);
  if (parameters !== "") lines.push(`parameters: ${parameters}`);
  return lines;
}

/** `alpha=0.5 name='x'`: every parameter, long values cut. */
export function formatParameters(parameters: RunStarted["parameters"]): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${inspect(value, { depth: 1, maxArrayLength: 5, maxStringLength: 60, breakLength: Number.POSITIVE_INFINITY })}`)
    .join(" ");
}
