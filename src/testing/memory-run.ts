import { hostname } from "node:os";
import type { ArtifactRef } from "../core/artifact-ref.js";
import type { GivenParameters } from "../core/given-parameters.js";
import type { JsonValue } from "../core/json.js";
import { LAYOUT_VERSION, type RunOptions, type RunRecord } from "../core/records.js";
import { version } from "../core/version.js";
import { Datastore } from "../datastore/datastore.js";
import { MemoryStore } from "../store/memory-store.js";
import { RunContext } from "../task/run-context.js";
import { settleStart } from "../task/run-start.js";
import type { TestClock } from "./test-clock.js";
import type { TestedFlow } from "./tested-flow.js";

/** What tests may say of the run that their steps belong to. */
export interface RunSettings {
  /** The values of parameters, by field name; for an included file, its path. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly clock: TestClock;
  readonly tags: readonly string[];
  readonly user: string;
  /** What default paths of included files are relative to. */
  readonly flowDir: string | undefined;
  readonly options: RunOptions;
  /** Further values that the run starts with, stored. */
  readonly artifacts?: (store: MemoryStore) => Readonly<Record<string, ArtifactRef>>;
}

/**
 * Starts a run in a datastore of its own, in memory.
 * @throws MillraceError for parameters that are wrong; AggregateError for several.
 */
export async function startMemoryRun({ loaded, definition, graph, folder }: TestedFlow, settings: RunSettings): Promise<RunContext> {
  const store = new MemoryStore();
  const start = await settleStart({
    flowClass: loaded.flowClass,
    store,
    given: givenParameters(settings.parameters),
    flowDir: settings.flowDir ?? folder ?? process.cwd(),
    cwd: process.cwd(),
  });
  const [problem, ...others] = start.problems;
  if (problem !== undefined) {
    throw others.length === 0 ? problem : new AggregateError(start.problems, start.problems.map(({ message }) => message).join("\n"));
  }
  const given = settings.artifacts?.(store) ?? {};
  const names = new Set(definition.parameters.map(({ name }) => name));
  const record = (run: string): RunRecord => ({
    format: LAYOUT_VERSION,
    flow: definition.name,
    run,
    startedAt: settings.clock.now(),
    user: settings.user,
    host: hostname(),
    pid: process.pid,
    millrace: version,
    node: process.versions.node,
    code: { hash: "", package: { codec: "json", value: null }, file: "", exportName: loaded.exportName },
    graph,
    parameterDefinitions: definition.parameters,
    parameters: { ...start.parameters, ...pick(given, (name) => names.has(name)) },
    initial: { ...start.initial, ...pick(given, (name) => !names.has(name)) },
    options: settings.options,
    tags: settings.tags,
  });
  const run = await new Datastore(store).createRun(record, definition.name);
  return new RunContext(loaded, store, run.record);
}

function givenParameters(values: Readonly<Record<string, unknown>>): GivenParameters {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  // Each is checked against its parameter's type, whatever it is.
  return Object.fromEntries(given.map(([name, value]) => [name, { value: value as JsonValue, source: `parameters.${name}` }]));
}

function pick<T>(record: Readonly<Record<string, T>>, wanted: (name: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => wanted(name)));
}
