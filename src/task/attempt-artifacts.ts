import type { ArtifactRef } from "../core/artifact-ref.js";
import type { AttemptRecord } from "../core/records.js";
import type { ArtifactWriter } from "../datastore/artifacts/artifact-writer.js";
import type { FlowInstance, FieldChange } from "./flow-instance.js";
import { sameContent } from "./merge.js";
import type { RunContext } from "./run-context.js";

/** A record's own artifacts, and those it hands on. */
export type RecordedArtifacts = Pick<AttemptRecord, "artifacts" | "inherited">;

/**
 * Stores what the step set or changed and notes what it hands on as it was.
 * @throws MillraceError `value-not-storable`, with the path of the value.
 */
export async function storeArtifacts(context: RunContext, instance: FlowInstance, writer: ArtifactWriter): Promise<RecordedArtifacts> {
  return collect(instance, (change) => storeField(context, change, writer));
}

/** As {@link storeArtifacts} for an attempt that failed: what cannot be stored is left out. */
export async function storeRemains(context: RunContext, instance: FlowInstance, writer: ArtifactWriter): Promise<RecordedArtifacts> {
  return collect(instance, (change) => storeField(context, change, writer).catch(() => undefined));
}

async function collect(instance: FlowInstance, store: (change: FieldChange) => Promise<ArtifactRef | "as-before" | undefined>): Promise<RecordedArtifacts> {
  const artifacts: Record<string, ArtifactRef> = {};
  const inherited: Record<string, string[]> = {};
  for (const change of instance.changes()) {
    const ref = await store(change);
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

async function storeField(context: RunContext, change: FieldChange, writer: ArtifactWriter): Promise<ArtifactRef | "as-before"> {
  if (change.kind === "untouched") return "as-before";
  if (change.kind === "read") {
    const unchanged = typeof change.value !== "object" || change.value === null || !context.artifacts.hasChanged(change.stored.ref, change.value);
    return unchanged ? "as-before" : writer.write(change.value, `this.${change.name}`);
  }
  const ref = await writer.write(change.value, `this.${change.name}`);
  return change.before !== undefined && sameContent(ref, change.before.ref) ? "as-before" : ref;
}
