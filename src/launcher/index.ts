/** What `millrace/runner` exports. */
export { Runner, type FlowReference, type FlowRunResult, type SpinResult } from "./runner.js";
export { Running } from "./running.js";
export type { LaunchOptions, ResumeOptions, RunnerOptions, RunSettings, SpinOptions } from "./launch-options.js";
export type { AnyFlow, ParametersOf, SpinSet, StepsOf } from "./flow-types.js";
export type { GivenValue } from "../flow/flow-fields.js";
export type { ArtifactChange, EventTask, RunEvent } from "../core/run-event.js";
export type { Failure, StackFrame } from "../core/failure.js";
export { MillraceError } from "../core/errors/millrace-error.js";
