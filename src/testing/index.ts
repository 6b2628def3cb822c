/** For users' own tests: flows and steps in process and in memory. */
export { runFlow, type AnyFlow, type RunFlowOptions } from "./run-flow.js";
export { runStep, type BranchArtifacts, type RunStepOptions } from "./run-step.js";
export { type FlowRun } from "./flow-run.js";
export { type AttemptRun, type TaskRun } from "./task-run.js";
export { TestClock } from "./test-clock.js";
export type { TestOptions } from "./run-settings.js";
export type { Artifacts, SomeArtifacts, StepName } from "../flow/flow-fields.js";
