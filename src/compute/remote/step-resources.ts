import { findDecorator, isNumber, option } from "../../core/definition.js";
import type { GraphStep } from "../../core/graph.js";
import type { EngineName } from "../step-place.js";

/** What a step asks of the machine that runs it. Undefined: nothing was said. */
export interface StepResources {
  readonly cpu: number | undefined;
  readonly memoryMb: number | undefined;
  readonly gpu: number | undefined;
  readonly diskMb: number | undefined;
  readonly sharedMemoryMb: number | undefined;
}

/** What `@resources` and the engine's own decorator ask for; the larger figure where both give one. */
export function stepResources(step: GraphStep, engine: EngineName): StepResources {
  const uses = [findDecorator(step, "resources"), findDecorator(step, engine)];
  const largest = (name: string): number | undefined => {
    const figures = uses.flatMap((use) => option(use, name, isNumber) ?? []);
    return figures.length === 0 ? undefined : Math.max(...figures);
  };
  return {
    cpu: largest("cpu"),
    memoryMb: largest("memory"),
    gpu: largest("gpu"),
    diskMb: largest("disk"),
    sharedMemoryMb: largest("sharedMemory"),
  };
}

/** What is left of a job's memory for all but the JavaScript heap of the task's process: its native memory, and ours. */
const BESIDE_HEAP = { share: 0.15, leastMb: 192 };

/** Megabytes of heap for a task in a job of so much memory. */
export function heapInMb(memoryMb: number): number {
  return Math.max(64, Math.floor(memoryMb - Math.max(BESIDE_HEAP.leastMb, memoryMb * BESIDE_HEAP.share)));
}
