import type { Settings } from "../../config/settings.js";
import { parsePathspec, type Pathspec } from "../../core/pathspec.js";
import { Datastore } from "../../datastore/datastore.js";
import type { RunStore } from "../../datastore/run-store.js";
import { requireStep } from "../../datastore/task-selection.js";
import { LocalStore } from "../../store/local-store.js";

export function openDatastore({ datastoreLocation }: Settings): Datastore {
  return new Datastore(new LocalStore(datastoreLocation));
}

/** Takes away what a command that has written leaves beside its objects. */
export function tidy({ store }: Datastore): void {
  if (store instanceof LocalStore) store.tidy();
}

/** A run, and what of it a pathspec names. */
export interface NamedRun {
  readonly datastore: Datastore;
  readonly run: RunStore;
  readonly pathspec: Pathspec;
}

/**
 * Finds the run that a pathspec names; a flow alone stands for its newest run.
 * @throws MillraceError `bad-pathspec`, `flow-unknown`, `run-unknown`, `task-unknown` for a step that the flow lacks.
 */
export async function openNamedRun(settings: Settings, text: string): Promise<NamedRun> {
  const pathspec = parsePathspec(text);
  const datastore = openDatastore(settings);
  const run = await datastore.openRun(pathspec.flow, pathspec.run ?? "latest");
  if (pathspec.step !== undefined) requireStep(run, pathspec.step);
  return { datastore, run, pathspec };
}
