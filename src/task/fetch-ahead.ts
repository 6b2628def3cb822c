import type { GraphStep } from "../core/graph.js";
import { prefetchArtifact } from "../datastore/artifacts/artifact-reader.js";
import type { StoredArtifact } from "../datastore/handed-on.js";
import type { RunContext } from "./run-context.js";

/**
 * Begins to read the artifacts that the step's source names, where the store takes its time: they come while the step is at work.
 * One that its source does not show is read when it is touched.
 */
export function fetchAhead({ reads = [] }: GraphStep, artifacts: ReadonlyMap<string, StoredArtifact>, { run, records }: RunContext): void {
  if (run.store.prefetch === undefined) return;
  const named = reads.flatMap((name) => artifacts.get(name) ?? []);
  records.fetchAhead(named.flatMap(({ source }) => source ?? []));
  for (const stored of named) {
    try {
      prefetchArtifact(run.store, stored.ref);
    } catch {
      // What is wrong with a record is said where the step touches what it names.
    }
  }
}
