import type { ArtifactRef } from "../../src/core/artifact-ref.js";
import type { JsonValue } from "../../src/core/json.js";
import type { AttemptRecord } from "../../src/core/records.js";
import { RunStore } from "../../src/datastore/run-store.js";
import { MemoryStore } from "../../src/store/memory-store.js";
import type { StoredArtifact } from "../../src/datastore/handed-on.js";
import { TaskRecords } from "../../src/datastore/task-records.js";
import { sampleAttempt, sampleRun } from "../datastore/sample-records.js";

/** A stored JSON value. */
export const ref = (value: JsonValue): ArtifactRef => ({ codec: "json", value });

/** An artifact of the run's own: a parameter or a field's initial value. */
export const ofTheRun = (value: JsonValue): StoredArtifact => ({ ref: ref(value), source: undefined });

/** The value of a stored JSON artifact. */
export function valueOf(stored: StoredArtifact): unknown {
  return "value" in stored.ref ? stored.ref.value : undefined;
}

/** Records of finished tasks, and the view that a task of run 2 has of them. */
export class StoredRecords {
  readonly store = new MemoryStore();
  readonly records = new TaskRecords(this.store, { flow: "Score", run: "2" });

  /** @param task `step/task`, in run 2, or `1:step/task`. */
  add(task: string, rest: Partial<AttemptRecord> & { readonly sets?: Readonly<Record<string, JsonValue>> } = {}): void {
    const [, run = "2", step = "", id = ""] = /^(?:(\d+):)?(.+)\/(.+)$/.exec(task) ?? [];
    const { sets = {}, ...others } = rest;
    const artifacts = Object.fromEntries(Object.entries(sets).map(([name, value]) => [name, ref(value)]));
    const record = sampleAttempt({ run, step, task: id, artifacts, ...others });
    new RunStore(this.store, sampleRun({ run })).writeAttemptSync(record, JSON.stringify(record));
  }
}
