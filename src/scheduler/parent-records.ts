import type { TaskRef } from "../core/task-ref.js";
import type { TaskOutcome, TaskSpec } from "../core/task-spec.js";
import { RecentMap } from "../datastore/recent-map.js";
import type { ObjectStore } from "../store/object-store.js";

/** Records kept for the tasks that follow at once. */
const KEPT = 64;
/** Characters of a record worth sending along. */
const LARGEST = 32 * 1024;

/**
 * Records of tasks that have just ended, for the tasks that go on from them: each task is told its parent's, so that it need not
 * ask a store for it that takes its time. Not for a fan-out: there, one read serves many tasks.
 */
export class ParentRecords {
  readonly #records: RecentMap<TaskRef, string> | undefined;

  constructor({ remote }: Pick<ObjectStore, "remote">) {
    this.#records = remote ? new RecentMap(KEPT) : undefined;
  }

  take(ref: TaskRef, { transition, record }: TaskOutcome & { readonly status: "done" }): void {
    if (transition.kind === "next" && record.length <= LARGEST) this.#records?.set(ref, record);
  }

  addTo(spec: TaskSpec): TaskSpec {
    const [parent] = spec.parents;
    if (this.#records === undefined || parent === undefined || spec.join !== undefined) return spec;
    const parentRecord = this.#records.get(parent);
    return parentRecord === undefined ? spec : { ...spec, parentRecord };
  }
}
