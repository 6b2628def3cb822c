/** What `millrace/runner` exports. */
export { Runner, type FlowReference, type FlowRunResult } from "./runner.js";
export { Running } from "./running.js";
export type { LaunchOptions, ResumeOptions, RunnerOptions, RunSettings } from "./launch-options.js";
export type { AnyFlow, GivenValue, ParametersOf, StepsOf } from "./flow-types.js";
export type { EventTask, RunEvent } from "../core/run-event.js";
export type { Failure, StackFrame } from "../core/failure.js";
export { MillraceError } from "../core/errors/millrace-error.js";
