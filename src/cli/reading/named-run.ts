import type { Settings } from "../../config/settings.js";
import { parsePathspec, type Pathspec } from "../../core/pathspec.js";
import { Datastore } from "../../datastore/datastore.js";
import type { RunStore } from "../../datastore/run-store.js";
import { requireStep } from "../../datastore/task-selection.js";
import { openStore } from "../../store/open-store.js";

export async function openDatastore({ datastoreAddress }: Pick<Settings, "datastoreAddress">): Promise<Datastore> {
  return new Datastore(await openStore(datastoreAddress));
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
  const datastore = await openDatastore(settings);
  const run = await datastore.openRun(pathspec.flow, pathspec.run ?? "latest");
  if (pathspec.step !== undefined) requireStep(run, pathspec.step);
  return { datastore, run, pathspec };
}
