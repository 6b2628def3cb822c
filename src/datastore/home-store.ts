import type { ObjectStore } from "../store/object-store.js";

let home: ObjectStore | undefined;

/** Says which store the run belongs to that this process works for: what a step reads of other runs, it reads there. */
export function setHomeStore(store: ObjectStore): void {
  home = store;
}

/** Undefined in a process that is no task's. */
export function homeStore(): ObjectStore | undefined {
  return home;
}
