import type { ArtifactRef } from "../core/artifact-ref.js";
import type { AttemptRecord } from "../core/records.js";
import { parseTaskRef, type TaskRef } from "../core/task-ref.js";
import type { TaskRecords } from "./task-records.js";

/** An artifact, and the task that set it (undefined for the run's own: parameters and field initialisers). */
export interface StoredArtifact {
  readonly ref: ArtifactRef;
  readonly source: TaskRef | undefined;
}

/** The artifacts that a finished task hands on: what it set, and what it had from tasks before. */
export class HandedOn {
  /** For each name, the task that set it, as seen from the run at hand. */
  readonly sources: ReadonlyMap<string, TaskRef>;
  readonly #records: TaskRecords;

  constructor(ref: TaskRef, record: AttemptRecord, records: TaskRecords) {
    this.#records = records;
    const { run } = parseTaskRef(ref);
    const sources = new Map<string, TaskRef>();
    for (const [source, names] of Object.entries(record.inherited)) {
      // A record of an earlier run names its own run's tasks without saying which run that is.
      const seen = run === undefined || source.includes(":") ? source : `${run}:${source}`;
      for (const name of names) sources.set(name, seen);
    }
    for (const name of Object.keys(record.artifacts)) sources.set(name, ref);
    this.sources = sources;
  }

  find(name: string): StoredArtifact | undefined {
    const source = this.sources.get(name);
    if (source === undefined) return undefined;
    const ref = this.#records.get(source).artifacts[name];
    return ref === undefined ? undefined : { ref, source };
  }
}
