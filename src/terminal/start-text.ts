import { inspect } from "node:util";
import type { RunEvent } from "../core/run-event.js";
import { plural } from "../core/quantity-text.js";

type RunStarted = Extract<RunEvent, { type: "run-started" }>;

/** What a run begins with, in a line or two. */
export function formatRunStart(event: RunStarted): string[] {
  const origin = event.origin === undefined ? "" : `, going on from ${event.origin}`;
  const run = `run started: ${plural(event.steps.length, "step")}, up to ${plural(event.maxWorkers, "task")} at once${origin}`;
  const lines = [event.spin === undefined ? run : formatSpin(event.spin)];
  const parameters = formatParameters(event.parameters);
  if (parameters !== "") lines.push(`parameters: ${parameters}`);
  return lines;
}

/** Which task a spin runs again. */
export function formatSpin({ task, code }: NonNullable<RunStarted["spin"]>): string {
  return `${task} once more, with ${code === "today" ? "the code of today" : "the code that its run recorded"}`;
}

/** `alpha=0.5 name='x'`: every parameter, long values cut. */
export function formatParameters(parameters: RunStarted["parameters"]): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${inspect(value, { depth: 1, maxArrayLength: 5, maxStringLength: 60, breakLength: Number.POSITIVE_INFINITY })}`)
    .join(" ");
}
