import { isSameArtifact, type ArtifactRef } from "../core/artifact-ref.js";
import type { AttemptRecord } from "../core/records.js";
import type { ArtifactWriter } from "../datastore/artifacts/artifact-writer.js";
import type { FlowInstance, FieldChange } from "./flow-instance.js";

/** A record's own artifacts, and those it hands on. */
export type RecordedArtifacts = Pick<AttemptRecord, "artifacts" | "inherited">;

/**
 * Stores what the step set or changed and notes what it hands on as it was.
 * @throws MillraceError `value-not-storable`, with the path of the value.
 */
export function storeArtifacts(instance: FlowInstance, writer: ArtifactWriter): RecordedArtifacts {
  return collect(instance, (change) => storeField(change, writer));
}

/** As {@link storeArtifacts} for an attempt that failed: what cannot be stored is left out. */
export function storeRemains(instance: FlowInstance, writer: ArtifactWriter): RecordedArtifacts {
  return collect(instance, (change) => {
    try {
      return storeField(change, writer);
    } catch {
      return undefined;
    }
  });
}

function collect(instance: FlowInstance, store: (change: FieldChange) => ArtifactRef | "as-before" | undefined): RecordedArtifacts {
  const artifacts: Record<string, ArtifactRef> = {};
  const inherited: Record<string, string[]> = {};
  for (const change of instance.changes()) {
    const ref = store(change);
    if (ref === undefined) continue;
    if (ref !== "as-before") {
      artifacts[change.name] = ref;
      continue;
    }
    const source = change.kind === "set" ? change.before?.source : change.stored.source;
    // What has no source is the run's own: every task starts with it.
    if (source !== undefined) (inherited[source] ??= []).push(change.name);
  }
  return { artifacts, inherited };
}

function storeField(change: FieldChange, writer: ArtifactWriter): ArtifactRef | "as-before" {
  if (change.kind === "untouched") return "as-before";
  const { name, value } = change;
  if (change.kind === "read") {
    const { ref } = change.stored;
    const isMutable = typeof value === "object" && value !== null;
    const now = isMutable ? writer.update(ref, value, `this.${name}`) : ref;
    return now === ref ? "as-before" : now;
  }
  const ref = writer.write(value, `this.${name}`);
  return change.before !== undefined && isSameArtifact(ref, change.before.ref) ? "as-before" : ref;
}
