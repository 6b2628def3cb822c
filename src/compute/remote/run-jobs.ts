import type { TaskSpec } from "../../core/task-spec.js";
import { jobSpecsKey, jobsPrefix, parseJobSpecsKey, type JobSpecsPlace } from "../../datastore/layout.js";
import { readJobSpecs } from "../../datastore/job-specs.js";
import type { RunStore } from "../../datastore/run-store.js";
import type { JobState, RemoteEngine } from "./engine.js";
import { jobName } from "./job-name.js";

/** A job of a run, as its engine still has it in mind. */
export interface RunJob {
  /** The engine's word for it. */
  readonly id: string;
  readonly state: JobState;
  /** What it was told. */
  readonly spec: TaskSpec;
}

/**
 * The jobs that a run's scheduler has started, as far as the engine still knows them, in the order of their tasks.
 * @param wanted By how they are; what is not wanted is not looked at further.
 */
export async function findRunJobs(
  engine: RemoteEngine,
  run: RunStore,
  wanted: (state: JobState) => boolean = () => true,
): Promise<readonly RunJob[]> {
  const places = new Map((await submissions(engine, run)).map((place) => [jobName(run.record, place), place]));
  if (places.size === 0) return [];
  const found = (await engine.find(run.record, [...places.keys()])).filter(({ name, state }) => places.has(name) && wanted(state));
  const names = [...new Set(found.map(({ name }) => name))];
  const specs = new Map(await Promise.all(names.map(async (name) => [name, await specsOf(run, places.get(name))] as const)));
  return found
    .flatMap(({ id, name, index = 0, state }) => {
      const spec = specs.get(name)?.[index];
      return spec === undefined ? [] : [{ id, state, spec }];
    })
    .toSorted((a, b) => a.spec.step.localeCompare(b.spec.step) || a.spec.task.localeCompare(b.spec.task, undefined, { numeric: true }));
}

/** What the run's scheduler handed to the engine, job by job. */
async function submissions(engine: RemoteEngine, run: RunStore): Promise<readonly JobSpecsPlace[]> {
  const prefix = jobsPrefix(run.flow, run.id);
  const places: JobSpecsPlace[] = [];
  for await (const { key } of run.store.list(prefix)) {
    const place = parseJobSpecsKey(key.slice(prefix.length));
    if (place?.engine === engine.name) places.push(place);
  }
  return places;
}

async function specsOf(run: RunStore, place: JobSpecsPlace | undefined): Promise<readonly TaskSpec[]> {
  return (place && (await readJobSpecs(run.store, jobSpecsKey(run.flow, run.id, place)))) ?? [];
}
