import { isSameArtifact, type ArtifactRef } from "../core/artifact-ref.js";
import type { AttemptRecord } from "../core/records.js";
import type { ArtifactWriter } from "../datastore/artifacts/artifact-writer.js";
import { writeTogether, type Writing } from "../datastore/artifacts/store-calls.js";
import type { ObjectStore } from "../store/object-store.js";
import type { FlowInstance, FieldChange } from "./flow-instance.js";

/** A record's own artifacts, and those it hands on. */
export type RecordedArtifacts = Pick<AttemptRecord, "artifacts" | "inherited">;

/**
 * Stores what the step set or changed and notes what it hands on as it was.
 * @throws MillraceError `value-not-storable`, with the path of the value.
 */
export function storeArtifacts(instance: FlowInstance, writer: ArtifactWriter, store: ObjectStore): RecordedArtifacts {
  return collect(instance, store, (change) => storingField(change, writer));
}

/** As {@link storeArtifacts} for an attempt that failed: what cannot be stored is left out. */
export function storeRemains(instance: FlowInstance, writer: ArtifactWriter, store: ObjectStore): RecordedArtifacts {
  return collect(instance, store, function* (change) {
    try {
      return yield* storingField(change, writer);
    } catch {
      return undefined;
    }
  });
}

type Stored = ArtifactRef | "as-before" | undefined;

function collect(instance: FlowInstance, store: ObjectStore, storing: (change: FieldChange) => Writing<Stored>): RecordedArtifacts {
  const artifacts: Record<string, ArtifactRef> = {};
  const inherited: Record<string, string[]> = {};
  const changes = [...instance.changes()];
  const refs = writeTogether(store, eachOf(changes, storing));
  for (const [index, change] of changes.entries()) {
    const ref = refs[index];
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

/** Not all at once: a value is encoded when its turn comes. */
function* eachOf<T>(changes: readonly FieldChange[], work: (change: FieldChange) => T): Generator<T> {
  for (const change of changes) yield work(change);
}

function* storingField(change: FieldChange, writer: ArtifactWriter): Writing<Stored> {
  if (change.kind === "untouched") return "as-before";
  const { name, value } = change;
  if (change.kind === "read") {
    const { ref } = change.stored;
    const isMutable = typeof value === "object" && value !== null;
    const now = isMutable ? yield* writer.updating(ref, value, `this.${name}`) : ref;
    return now === ref ? "as-before" : now;
  }
  const ref = yield* writer.writing(value, `this.${name}`);
  return change.before !== undefined && isSameArtifact(ref, change.before.ref) ? "as-before" : ref;
}
