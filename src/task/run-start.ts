import type { ArtifactRef } from "../core/artifact-ref.js";
import { isMillraceError, type MillraceError } from "../core/errors/millrace-error.js";
import type { GivenParameters } from "../core/given-parameters.js";
import { ArtifactReader } from "../datastore/artifacts/artifact-reader.js";
import { ArtifactWriter } from "../datastore/artifacts/artifact-writer.js";
import type { FlowClass } from "../flow/flow-class.js";
import { createFlow, readParameters } from "../flow/flow-parameters.js";
import { resolveParameters } from "../flow/parameter-values.js";
import type { ObjectStore } from "../store/object-store.js";

export interface StartRequest {
  readonly flowClass: FlowClass;
  readonly store: ObjectStore;
  readonly given: GivenParameters;
  /** Of the run that is resumed: its parameters stay as they were. */
  readonly kept?: Readonly<Record<string, ArtifactRef>>;
  /** Likewise, values of field initialisers that have not changed. */
  readonly keptInitial?: Readonly<Record<string, ArtifactRef>>;
  /** The folder of the flow's file. */
  readonly flowDir: string;
  /** What the path of an included file that was given is relative to. */
  readonly cwd: string;
}

/** What a run starts with, stored. */
export interface RunStart {
  /** Why it cannot start; then the rest is not whole. */
  readonly problems: readonly MillraceError[];
  readonly parameters: Readonly<Record<string, ArtifactRef>>;
  /** Values of the class's field initialisers. */
  readonly initial: Readonly<Record<string, ArtifactRef>>;
  /** The parameters' values. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** Settles what a run starts with: its parameters, and the values of the class's field initialisers. */
export async function settleStart({ flowClass, store, kept = {}, keptInitial = {}, ...request }: StartRequest): Promise<RunStart> {
  const { specs } = readParameters(flowClass);
  const { values: settled, problems } = await resolveParameters({
    specs: specs.filter((spec) => kept[spec.definition.name] === undefined),
    given: request.given,
    flowDir: request.flowDir,
    cwd: request.cwd,
  });
  if (problems.length > 0) return { problems, parameters: kept, initial: keptInitial, values: settled };
  const reader = new ArtifactReader(store);
  const keptValues = Object.entries(kept).map(([name, ref]) => [name, reader.read(ref, `parameter ${name} of the earlier run`)] as const);
  const values: Record<string, unknown> = { ...Object.fromEntries(keptValues), ...settled };
  const writer = new ArtifactWriter(store);
  const parameters: Record<string, ArtifactRef> = { ...kept };
  for (const [name, value] of Object.entries(settled)) parameters[name] = writer.write(value, `this.${name}`);
  return { problems, parameters, initial: { ...initialValues(flowClass, values, writer), ...keptInitial }, values };
}

/** A field initialised with something that cannot be stored (a logger, a client) is each process's own. */
function initialValues(flowClass: FlowClass, parameters: Readonly<Record<string, unknown>>, writer: ArtifactWriter): Record<string, ArtifactRef> {
  const initial: Record<string, ArtifactRef> = {};
  for (const [name, value] of Object.entries(createFlow(flowClass, parameters))) {
    if (value === undefined || Object.hasOwn(parameters, name)) continue;
    try {
      initial[name] = writer.write(value, `this.${name}`);
    } catch (error) {
      if (!isMillraceError(error, "value-not-storable")) throw error;
    }
  }
  return initial;
}
