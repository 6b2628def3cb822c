import { jsonOf } from "../codec/stored-json.js";
import type { ArtifactRef } from "../core/artifact-ref.js";
import { isMillraceError } from "../core/errors/millrace-error.js";
import type { JsonValue } from "../core/json.js";
import { formatPathspec } from "../core/pathspec.js";
import type { RunStatus } from "../core/records.js";
import { ArtifactReader } from "./artifacts/artifact-reader.js";
import type { RunHeader } from "./run-header.js";

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

/** A parameter that cannot be read stands as `{ "$type": "unreadable", "value": why }`. */
export function runRow({ run, status, result, tags }: RunHeader): RunRow {
  const { user, startedAt, origin, parameters } = run.record;
  const reader = new ArtifactReader(run.store);
  const read = (name: string, ref: ArtifactRef): JsonValue => {
    try {
      return jsonOf(reader.read(ref, `${run.pathspec}, parameter ${name}`));
    } catch (error) {
      if (!isMillraceError(error)) throw error;
      return { $type: "unreadable", value: error.message };
    }
  };
  return {
    pathspec: run.pathspec,
    status,
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, ref]) => [name, read(name, ref)])),
    tags,
    user,
    startedAt: isoTime(startedAt),
    finishedAt: result === undefined ? null : isoTime(result.finishedAt),
    origin: origin === undefined ? null : formatPathspec(run.flow, origin.run),
  };
}

export function isoTime(time: number): string {
  return new Date(time).toISOString();
}
