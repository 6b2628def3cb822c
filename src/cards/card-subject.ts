import type { ArtifactRef } from "../core/artifact-ref.js";
import type { AttemptRecord, RunRecord } from "../core/records.js";
import type { LogLine } from "../datastore/task-log.js";

/** What a card tells of: one attempt of a task, at work or over. */
export interface CardSubject {
  readonly run: RunRecord;
  /** While it is at work: what is known so far, and the present as its end. */
  readonly record: Omit<AttemptRecord, "status"> & { readonly status: "running" | "done" | "failed" };
  /** What it printed, at least the end of it. */
  readonly log: readonly LogLine[];
  readonly artifacts: CardArtifacts;
}

/** The artifacts that a card may show. */
export interface CardArtifacts {
  /** What the task had from the tasks before, by name. */
  inherited(): Iterable<readonly [name: string, ref: ArtifactRef]>;
  /** @param name What people call it: a pathspec. */
  read(ref: ArtifactRef, name: string): unknown;
}
