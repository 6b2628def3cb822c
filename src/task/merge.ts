import { MillraceError } from "../core/errors/millrace-error.js";
import { isSameArtifact } from "../core/artifact-ref.js";
import type { TaskRef } from "../core/task-ref.js";
import type { StoredArtifact } from "../datastore/handed-on.js";
import type { TaskRecords } from "../datastore/task-records.js";

export interface MergeOptions {
  readonly step: string;
  readonly inputs: readonly TaskRef[];
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly records: TaskRecords;
  readonly runArtifacts: ReadonlyMap<string, StoredArtifact>;
  /** The join has set the name already. */
  readonly isSet: (name: string) => boolean;
  /** Are two stored values the same, although their bytes differ? */
  readonly sameValue: (a: StoredArtifact, b: StoredArtifact, name: string) => boolean;
}

/**
 * What the branches agree on. No value is read unless two differ in their bytes.
 * @throws MillraceError `merge-conflict`, `merge-name-missing`, `merge-include-exclude`
 */
export function mergeArtifacts(options: MergeOptions): Map<string, StoredArtifact> {
  const { step, include, exclude } = options;
  if (include.length > 0 && exclude.length > 0) throw new MillraceError("merge-include-exclude", { step });
  const merged = new Map<string, StoredArtifact>();
  const conflicts: string[] = [];
  for (const name of candidates(options)) {
    const values = options.inputs.flatMap((ref) => options.records.handedOn(ref).artifacts.get(name) ?? options.runArtifacts.get(name) ?? []);
    const [first, ...rest] = values;
    if (first === undefined) continue;
    if (rest.every((other) => sameRef(first, other) || options.sameValue(first, other, name))) merged.set(name, first);
    else conflicts.push(name);
  }
  if (conflicts.length > 0) throw new MillraceError("merge-conflict", { step, names: conflicts });
  const missing = include.filter((name) => !merged.has(name) && !options.isSet(name) && !options.runArtifacts.has(name));
  if (missing.length > 0) throw new MillraceError("merge-name-missing", { step, names: missing });
  return merged;
}

function candidates({ inputs, include, exclude, records, isSet }: MergeOptions): string[] {
  const names = new Set<string>();
  for (const ref of inputs) for (const name of records.handedOn(ref).artifacts.keys()) names.add(name);
  return [...names].filter((name) => (include.length === 0 || include.includes(name)) && !exclude.includes(name) && !isSet(name));
}

function sameRef(a: StoredArtifact, b: StoredArtifact): boolean {
  return (a.source !== undefined && a.source === b.source) || isSameArtifact(a.ref, b.ref);
}
