import { MillraceError } from "../core/errors/millrace-error.js";
import type { ArtifactRef } from "../core/artifact-ref.js";
import type { FlowDefinition } from "../core/definition.js";
import type { GivenParameters } from "../core/given-parameters.js";
import { nearestName } from "../core/nearest-name.js";
import type { RunRecord, SpinRecord } from "../core/records.js";
import { formatTaskRef, parseTaskRef, unpackTaskRefs, type TaskRef } from "../core/task-ref.js";
import type { TaskSpec } from "../core/task-spec.js";
import { ArtifactWriter } from "../datastore/artifacts/artifact-writer.js";
import { TaskRecords } from "../datastore/task-records.js";
import type { ObjectStore } from "../store/object-store.js";
import { exactParameter } from "./exact-parameter.js";
import type { SetValue } from "./run-request.js";

/** What a spin's values stand in the place of. */
export interface SpinValues {
  readonly parameters: GivenParameters;
  /** The run's own: field initialisers, and what is new. */
  readonly initial: RunRecord["initial"];
  readonly handedOn: NonNullable<SpinRecord["handedOn"]>;
  readonly item?: ArtifactRef;
}

export interface SpinValueInputs {
  readonly set: readonly SetValue[];
  readonly definition: FlowDefinition;
  /** The task to be run again, with its parents. */
  readonly spec: TaskSpec;
  /** The run it was a task of. */
  readonly origin: RunRecord;
  /** For messages: `ScoreFlow/12/score/3`. */
  readonly pathspec: string;
  readonly store: ObjectStore;
}

/** Artifacts that a flow's field `input` cannot be: the name stands for the item. */
const ITEM = "input";

/**
 * Stores the values that a spin is given, each where the task will find it.
 * @throws MillraceError `spin-name-unknown`, `spin-input-unnamed`, `bad-parameter-value`, `value-not-storable`
 */
export async function readSpinValues(inputs: SpinValueInputs): Promise<SpinValues> {
  const { set, definition, spec, store } = inputs;
  const records = new TaskRecords(store, inputs.origin);
  const writer = new ArtifactWriter(store);
  const parents = [...unpackTaskRefs(spec.parents)];
  const parameters: Record<string, GivenParameters[string]> = {};
  const initial: Record<string, ArtifactRef> = {};
  const handedOn: Record<TaskRef, Record<string, ArtifactRef>> = {};
  let item: ArtifactRef | undefined;
  const handOn = (parent: TaskRef, name: string, ref: ArtifactRef): void => {
    (handedOn[parent] ??= {})[name] = ref;
  };
  for (const { name, value, source } of set) {
    const input = inputNamed(name, spec, parents);
    const artifact = input === undefined ? name : name.slice(name.lastIndexOf(".") + 1);
    const write = (): Promise<ArtifactRef> => writer.writeAsync(value, `this.${artifact}`);
    if (input !== undefined) {
      requireName(artifact, source, inputs, [...records.handedOn(input).artifacts.keys()]);
      handOn(input, artifact, await write());
    } else if (name === ITEM && spec.foreach.length > 0) item = await write();
    else {
      const isParameter = definition.parameters.some((parameter) => parameter.name === name);
      if (isParameter) parameters[name] = exactParameter(name, value, source);
      const isOwn = isParameter || Object.hasOwn(inputs.origin.initial, name);
      if (spec.join !== undefined && !isOwn) throw unnamedInput(name, source, parents);
      requireName(
        name,
        source,
        inputs,
        parents.flatMap((parent) => [...records.handedOn(parent).artifacts.keys()]),
      );
      const [parent] = spec.join === undefined ? parents : [];
      // What a task before handed on goes before the run's own.
      if (parent !== undefined && (!isParameter || records.handedOn(parent).artifacts.has(name))) handOn(parent, name, await write());
      else if (!isParameter) initial[name] = await write();
    }
  }
  return { parameters, initial, handedOn, ...(item !== undefined && { item }) };
}

/** The join's input that `score/3.total` or, for a branch, `left.total` speaks of. */
function inputNamed(name: string, { join }: TaskSpec, parents: readonly TaskRef[]): TaskRef | undefined {
  const dot = name.lastIndexOf(".");
  if (join === undefined || dot < 0) return undefined;
  const wanted = name.slice(0, dot);
  return parents.find((ref, index) => [withoutRun(ref), join.branches?.[index], ref].includes(wanted));
}

function withoutRun(ref: TaskRef): TaskRef {
  const { step, task } = parseTaskRef(ref);
  return formatTaskRef(step, task);
}

function unnamedInput(name: string, source: string, parents: readonly TaskRef[]): MillraceError {
  return new MillraceError("spin-input-unnamed", { name, source, inputs: parents.slice(0, 3).map(withoutRun) });
}

/** A name that neither the task has nor the flow's source mentions is most likely a slip. */
function requireName(name: string, source: string, { definition, origin, pathspec }: SpinValueInputs, handedOn: readonly string[]): void {
  const had = [...new Set([...handedOn, ...Object.keys(origin.parameters), ...Object.keys(origin.initial)])];
  const mentioned = definition.steps.flatMap(({ sets, reads }) => [...sets, ...reads.map((read) => read.name)]);
  const known = new Set([
    ...had,
    ...mentioned,
    ...definition.parameters.map((parameter) => parameter.name),
    ...definition.members.map((member) => member.name),
  ]);
  if (known.has(name)) return;
  throw new MillraceError("spin-name-unknown", { name, source, task: pathspec, near: nearestName(name, known), names: had });
}
