import { formatPathspec } from "../../core/pathspec.js";
import type { JsonValue } from "../../core/json.js";
import type { RunStatus } from "../../core/records.js";
import { ArtifactReader } from "../../datastore/artifacts/artifact-reader.js";
import type { RunStore } from "../../datastore/run-store.js";
import { jsonOf } from "../../codec/stored-json.js";

/** A run, as `runs --json` tells it. */
export interface RunRow {
  readonly pathspec: string;
  readonly status: RunStatus;
  readonly parameters: Readonly<Record<string, JsonValue>>;
  readonly tags: readonly string[];
  readonly user: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** The pathspec of the run it went on from. */
  readonly origin: string | null;
}

export async function readRunRow(run: RunStore, now: number): Promise<RunRow> {
  const { record } = run;
  const [status, result, tags] = await Promise.all([run.status(now), run.result(), run.tags()]);
  return {
    pathspec: run.pathspec,
    status,
    parameters: readParameters(run),
    tags,
    user: record.user,
    startedAt: isoTime(record.startedAt),
    finishedAt: result === undefined ? null : isoTime(result.finishedAt),
    origin: record.origin === undefined ? null : formatPathspec(run.flow, record.origin.run),
  };
}

function readParameters(run: RunStore): Record<string, JsonValue> {
  const reader = new ArtifactReader(run.store);
  const entries = Object.entries(run.record.parameters).map(
    ([name, ref]) => [name, jsonOf(reader.read(ref, `parameter ${name} of ${run.pathspec}`))] as const,
  );
  return Object.fromEntries(entries);
}

export function isoTime(time: number): string {
  return new Date(time).toISOString();
}
