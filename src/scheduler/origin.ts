import type { TaskRef } from "../core/task-ref.js";
import type { Transition } from "../core/transition.js";

/** A task that an earlier run finished. */
export interface FinishedTask {
  /** Names its run. */
  readonly ref: TaskRef;
  readonly transition: Transition;
}

/** What a resumed run may take over from earlier ones. */
export interface Origin {
  /** The run it goes on from. */
  readonly run: string;
  /** Steps that run again whatever was finished. */
  readonly rerun: ReadonlySet<string>;
  /** Tasks that jobs of earlier runs are still at work on; each names its run. */
  readonly awaited?: readonly TaskRef[];
  find(step: string, task: string): FinishedTask | undefined;
}
