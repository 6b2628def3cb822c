import type { TaskRef, TaskRefRanges } from "../core/task-ref.js";
import type { Frame, Rounds } from "./frame.js";
import type { StepPlan } from "./step-plan.js";

/** A task on its way: made when it becomes known, dropped when it is done. Holds ids, never artifacts. */
export interface Task {
  readonly plan: StepPlan;
  /** Its place, `3.7~1`. */
  readonly id: string;
  readonly ref: TaskRef;
  readonly frame: Frame | undefined;
  /** Which branch or item of the frame. */
  readonly branch: number;
  readonly parents: TaskRefRanges;
  readonly rounds: Rounds;
  /** For a join: the frame it closed. */
  readonly joined: Frame | undefined;
  attempt: number;
}
