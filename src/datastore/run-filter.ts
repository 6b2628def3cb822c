import { sameValue } from "../codec/same-value.js";
import type { RunRecord, RunStatus } from "../core/records.js";
import { systemTags } from "../core/tags.js";
import type { ArtifactReader } from "./artifacts/artifact-reader.js";
import type { RunHeader } from "./run-header.js";

/** Which runs are wanted; what is not said does not matter. */
export interface RunFilter {
  /** With all of these tags, millrace's own (`user:…`) among them. */
  readonly tags?: readonly string[];
  /** Of one of these statuses. */
  readonly statuses?: readonly RunStatus[];
  /** Started by that user. */
  readonly user?: string;
  /** Started then or later, milliseconds since the epoch. */
  readonly since?: number;
  /** That were given these values. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** Whether a run may fit, as far as its own record says. */
export function recordFits({ user, startedAt, parameters }: RunRecord, filter: RunFilter): boolean {
  if (filter.user !== undefined && user !== filter.user) return false;
  if (filter.since !== undefined && startedAt < filter.since) return false;
  return Object.keys(filter.parameters ?? {}).every((name) => Object.hasOwn(parameters, name));
}

/** Whether a run fits whose record does. */
export async function headerFits({ run, status, tags }: RunHeader, filter: RunFilter, reader: ArtifactReader): Promise<boolean> {
  if (filter.statuses !== undefined && !filter.statuses.includes(status)) return false;
  const all = new Set([...systemTags(run.record), ...tags]);
  if (filter.tags !== undefined && !filter.tags.every((tag) => all.has(tag))) return false;
  for (const [name, wanted] of Object.entries(filter.parameters ?? {})) {
    const ref = run.record.parameters[name];
    if (ref === undefined || !sameValue(await reader.load(ref, `${run.pathspec}, parameter ${name}`), wanted)) return false;
  }
  return true;
}
