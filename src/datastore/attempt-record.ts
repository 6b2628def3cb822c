import { LAYOUT_VERSION, type AttemptRecord } from "../core/records.js";
import type { TaskSpec } from "../core/task-spec.js";

type Optional = "label" | "artifacts" | "inherited" | "next" | "items" | "failure" | "noRetry" | "caught" | "log";

/** What came of an attempt, where anything did. */
export type AttemptYield = { readonly [Field in Optional]?: AttemptRecord[Field] | undefined };

/** What an attempt adds to what it was told. */
export type AttemptEnd = AttemptYield & Pick<AttemptRecord, "status" | "startedAt" | "finishedAt" | "host" | "pid">;

/** The record of an attempt that has ended. Fields that are undefined are left out. */
export function attemptRecord(
  spec: TaskSpec,
  { label, artifacts = {}, inherited = {}, next, items, failure, noRetry, caught, log, ...end }: AttemptEnd,
): AttemptRecord {
  const { flow, run, step, task, attempt, parents, foreach } = spec;
  return {
    format: LAYOUT_VERSION,
    flow,
    run,
    step,
    task,
    attempt,
    ...end,
    parents,
    ...(foreach.length > 0 && { foreach }),
    ...(label !== undefined && { label }),
    artifacts,
    inherited,
    ...(next !== undefined && { next }),
    ...(items !== undefined && { items }),
    ...(failure !== undefined && { failure }),
    ...(noRetry !== undefined && { noRetry }),
    ...(caught !== undefined && { caught }),
    ...(log !== undefined && { log }),
  };
}
