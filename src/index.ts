/** What a flow's file imports. */
export { FlowSpec, type MergeOptions } from "./flow/flow-spec.js";
export type { Branch, Inputs } from "./flow/inputs.js";
export type { ForeachOptions, Items, StepDecorator } from "./flow/step-method.js";
export type { ForeachStackEntry } from "./flow/task-context.js";
export {
  batch,
  card,
  catchError,
  environment,
  kubernetes,
  local,
  npm,
  resources,
  retry,
  secrets,
  slurm,
  step,
  timeout,
  type BareStepDecorator,
  type BatchOptions,
  type CardOptions,
  type CatchErrorOptions,
  type KubernetesOptions,
  type ResourceOptions,
  type RetryOptions,
  type SlurmOptions,
  type TimeoutParts,
} from "./flow/step-decorators.js";
export {
  project,
  schedule,
  trigger,
  triggerOnFinish,
  type FlowDecorator,
  type ProjectOptions,
  type ScheduleOptions,
  type TriggerEvent,
  type TriggerOnFinishOptions,
  type TriggerOptions,
} from "./flow/class-decorators.js";
export { includeFile, parameter, type Default, type ParameterTypes, type Widen } from "./flow/parameter.js";
export { current, type Current } from "./flow/current.js";
export type { TaskCard } from "./flow/task-card.js";
export type { AwsSecrets, EnvironmentSecrets, FileSecrets, SecretSource, SecretVariables } from "./core/secret-source.js";
export { registerCodec, type ValueCodec } from "./codec/codec-registry.js";
export { MillraceError } from "./core/errors/millrace-error.js";
