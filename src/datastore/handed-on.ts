import type { ArtifactRef } from "../core/artifact-ref.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { AttemptRecord } from "../core/records.js";
import { parseTaskRef, type TaskRef } from "../core/task-ref.js";
import type { TaskRecords } from "./task-records.js";

/** An artifact, and the task that set it (undefined for the run's own: parameters and field initialisers). */
export interface StoredArtifact {
  /** Looked up in the source's record when first asked for. */
  readonly ref: ArtifactRef;
  readonly source: TaskRef | undefined;
}

/** The artifacts that a finished task hands on: what it set, and what it had from tasks before. */
export class HandedOn {
  readonly artifacts: ReadonlyMap<string, StoredArtifact>;

  constructor(ref: TaskRef, record: AttemptRecord, records: TaskRecords) {
    const { run } = parseTaskRef(ref);
    const artifacts = new Map<string, StoredArtifact>();
    for (const [source, names] of Object.entries(record.inherited)) {
      // A record of an earlier run names its own run's tasks without saying which run that is.
      const seen = run === undefined || source.includes(":") ? source : `${run}:${source}`;
      for (const name of names) artifacts.set(name, new InheritedArtifact(name, seen, records));
    }
    for (const [name, own] of Object.entries(record.artifacts)) artifacts.set(name, { ref: own, source: ref });
    this.artifacts = artifacts;
  }
}

class InheritedArtifact implements StoredArtifact {
  readonly source: TaskRef;
  readonly #name: string;
  readonly #records: TaskRecords;

  constructor(name: string, source: TaskRef, records: TaskRecords) {
    this.#name = name;
    this.source = source;
    this.#records = records;
  }

  get ref(): ArtifactRef {
    const ref = this.#records.get(this.source).artifacts[this.#name];
    const pathspec = this.#records.pathspec(this.source);
    if (ref === undefined) throw new MillraceError("artifact-unknown", { pathspec: `${pathspec}/${this.#name}`, names: [] });
    return ref;
  }
}
