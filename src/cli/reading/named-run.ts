import type { Settings } from "../../config/settings.js";
import { MillraceError } from "../../core/errors/millrace-error.js";
import { nearestName } from "../../core/nearest-name.js";
import { parsePathspec, type Pathspec } from "../../core/pathspec.js";
import { Datastore } from "../../datastore/datastore.js";
import type { RunStore } from "../../datastore/run-store.js";
import { LocalStore } from "../../store/local-store.js";

export function openDatastore({ datastoreLocation }: Settings): Datastore {
  return new Datastore(new LocalStore(datastoreLocation));
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
  checkStep(run, pathspec);
  return { datastore, run, pathspec };
}

function checkStep(run: RunStore, { step }: Pathspec): void {
  const names = run.record.graph.steps.map(({ name }) => name);
  if (step === undefined || names.includes(step)) return;
  const near = nearestName(step, names);
  throw new MillraceError("task-unknown", { pathspec: `${run.pathspec}/${step}`, near: near === undefined ? undefined : `${run.pathspec}/${near}` });
}
