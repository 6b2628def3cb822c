import { AsyncLocalStorage } from "node:async_hooks";
import { findCurrentTaskBy, type CurrentTask } from "../flow/current.js";
import type { CapturedOutput } from "./captured-output.js";

/** What belongs to one of the attempts that share this process. */
export interface TaskSlot {
  current: CurrentTask | undefined;
  readonly output: CapturedOutput;
}

const slots = new AsyncLocalStorage<TaskSlot>();

/** Runs an attempt: code that it calls, however late, finds its slot, and `current` tells of its task. */
export function runInSlot<T>(slot: TaskSlot, run: () => T): T {
  findCurrentTaskBy(() => slots.getStore()?.current);
  return slots.run(slot, run);
}

/** Of the attempt that the running code belongs to. */
export function currentSlot(): TaskSlot | undefined {
  return slots.getStore();
}
