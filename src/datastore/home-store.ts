import type { ObjectStore } from "../store/object-store.js";

let home: ObjectStore | undefined;
let namespace: string | undefined;

/**
 * Says which store the run belongs to that this process works for: what a step reads of other runs, it reads there.
 * @param wanted The run's namespace: a tag that the runs have which its steps look at.
 */
export function setHome(store: ObjectStore, wanted: string | undefined): void {
  home = store;
  namespace = wanted;
}

/** Undefined in a process that is no task's. */
export function homeStore(): ObjectStore | undefined {
  return home;
}

/** The namespace of the run that this process works for, if it has one. */
export function homeNamespace(): string | undefined {
  return namespace;
}
