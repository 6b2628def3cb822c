import { LAYOUT_VERSION, type ReuseRecord } from "../core/records.js";
import { packTaskRefs, parseTaskRef, type TaskRef } from "../core/task-ref.js";

/** The finished tasks of earlier runs that a run takes over. */
export class ReusedTasks {
  /** By run and step, so that refs that follow on one another stand together. */
  readonly #refs = new Map<string, TaskRef[]>();

  /** @param ref Names its run. */
  add(ref: TaskRef): void {
    const { run, step } = parseTaskRef(ref);
    const key = `${run}:${step}`;
    let refs = this.#refs.get(key);
    if (refs === undefined) this.#refs.set(key, (refs = []));
    refs.push(ref);
  }

  /** How many there are of each step. */
  get counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const [key, refs] of this.#refs) {
      const step = key.slice(key.indexOf(":") + 1);
      counts.set(step, (counts.get(step) ?? 0) + refs.length);
    }
    return counts;
  }

  get record(): ReuseRecord {
    return { format: LAYOUT_VERSION, tasks: packTaskRefs([...this.#refs.values()].flat()) };
  }
}
