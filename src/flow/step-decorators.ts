import { declareDecorator, declareStep } from "./declarations.js";
import { readApplication, readDecoratorCall } from "./decorator-call.js";
import { applyRule } from "./decorator-options.js";
import { decoratorRules, type DecoratorRule } from "./decorator-rules.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { FlowSpec } from "./flow-spec.js";
import type { SecretSource } from "../core/secret-source.js";
import type { StepArguments, StepDecorator, StepMethod } from "./step-method.js";

/** A decorator of steps whose options are all optional: `@retry` and `@retry({ times: 2 })`. */
export type BareStepDecorator<O> = StepDecorator & ((options?: O) => StepDecorator);

/** What a task needs, wherever it runs. */
export interface ResourceOptions {
  /** CPU cores; default 1. The local pool counts them too: a step with `cpu: 2` takes two of `--max-workers`. */
  readonly cpu?: number;
  /** Memory in MB; default 4096. */
  readonly memory?: number;
  /** GPUs; default 0. */
  readonly gpu?: number;
  /** Disk in MB. */
  readonly disk?: number;
  /** Shared memory in MB. */
  readonly sharedMemory?: number;
}

export interface RetryOptions {
  /** Attempts after the first; default 3. */
  readonly times?: number;
  /** Wait before the second attempt, a duration such as "30s"; default "10s". */
  readonly delay?: string;
  /** Factor from one wait to the next; default 2. */
  readonly backoff?: number;
  /** Longest wait; default "5m". */
  readonly maxDelay?: string;
  /** Wait between half and all of the delay, at random; default true. */
  readonly jitter?: boolean;
  /** Which failures are worth another try; all when absent. */
  readonly if?: (error: unknown) => boolean | Promise<boolean>;
}

export interface CatchErrorOptions {
  /** The artifact that holds the error; undefined when there was none. */
  readonly var?: string;
  /** Print the error; default true. */
  readonly print?: boolean;
}

export interface BatchOptions extends ResourceOptions {
  readonly image?: string;
  readonly queue?: string;
  readonly jobRole?: string;
  readonly executionRole?: string;
  /** Size in MB of a temporary folder held in memory. */
  readonly tmpfs?: number;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface SlurmOptions extends ResourceOptions {
  readonly partition?: string;
  readonly account?: string;
  readonly qos?: string;
  readonly nodes?: number;
  readonly constraint?: string;
  /** The job's time limit, a duration such as "2h". */
  readonly time?: string;
  /** Further options for sbatch, each as one text: `"--exclude=node[1-3]"`. */
  readonly extra?: readonly string[];
  /** Shell lines that the job begins with: `"module load nodejs"`. */
  readonly setup?: readonly string[];
  /** Node's program on the nodes. Default: the first in PATH, else the one that runs millrace here. */
  readonly node?: string;
}

export interface KubernetesOptions extends ResourceOptions {
  readonly image?: string;
  readonly namespace?: string;
  readonly serviceAccount?: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** As in a pod's specification. */
  readonly tolerations?: readonly object[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Secrets whose keys become environment variables. */
  readonly secrets?: readonly string[];
  /** Size in MB of a temporary folder held in memory. */
  readonly tmpfs?: number;
}

export interface CardOptions {
  /** Default "default". */
  readonly type?: string;
  /** Tells the cards of a step apart. */
  readonly id?: string;
  readonly title?: string;
  /** Least time between updates while the task runs, a duration; default "5s". */
  readonly refreshInterval?: string;
}

/** How long an attempt may take, in parts that add up. */
export interface TimeoutParts {
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
}

/** Marks a method as a step of the flow. Other decorators may stand above or below it. */
export function step<This extends FlowSpec, A extends StepArguments>(
  method: StepMethod<This, A>,
  context: ClassMethodDecoratorContext<This, StepMethod<This, A>>,
): void;
export function step(...args: readonly unknown[]): void {
  const call = readApplication("step", args, "step");
  if (call.kind === "method") declareStep(call.context);
}

/** Tries a failed task again: three times, ten seconds apart and then longer, unless said otherwise. */
export const retry = bare<RetryOptions>(decoratorRules.retry);

/** Ends an attempt that takes longer: `@timeout("5m")`, `@timeout({ hours: 1, minutes: 30 })`. */
export const timeout = called<string | TimeoutParts>(decoratorRules.timeout);

/** Lets the run go on when the step failed for good, as if the step had set nothing but `var`. */
export const catchError = bare<CatchErrorOptions>(decoratorRules.catchError);

/** Sets environment variables while the step runs. */
export const environment = called<{ readonly vars: Readonly<Record<string, string>> }>(decoratorRules.environment);

/** Says what a task needs, wherever it runs. */
export const resources = bare<ResourceOptions>(decoratorRules.resources);

/** Runs the step on AWS Batch. */
export const batch = bare<BatchOptions>(decoratorRules.batch);

/** Runs the step on a Slurm cluster. */
export const slurm = bare<SlurmOptions>(decoratorRules.slurm);

/** Runs the step on Kubernetes. */
export const kubernetes = bare<KubernetesOptions>(decoratorRules.kubernetes);

/** Installs packages for this step beside the flow's own: names and version ranges, as in package.json. */
export const npm = called<{ readonly packages: Readonly<Record<string, string>> }>(decoratorRules.npm);

/**
 * Puts secrets into the environment while the step runs, and hides their values in all that it prints and that is kept of it:
 * `@secrets({ sources: ["aws:database-login", "env:API_TOKEN"] })`.
 */
export const secrets = called<{ readonly sources: readonly (string | SecretSource)[] }>(decoratorRules.secrets);

/** Keeps the step on the machine that runs the flow, also under `--with batch`. */
export const local = bare<Readonly<Record<string, never>>>(decoratorRules.local);

/** Makes a report of each task. May stand on a step several times. */
export const card = bare<CardOptions>(decoratorRules.card);

function bare<O>(rule: DecoratorRule): BareStepDecorator<O> {
  function decorate<This extends FlowSpec, A extends StepArguments>(
    method: StepMethod<This, A>,
    context: ClassMethodDecoratorContext<This, StepMethod<This, A>>,
  ): void;
  function decorate(options?: O): StepDecorator;
  function decorate(...args: readonly unknown[]): StepDecorator | undefined {
    const call = readDecoratorCall(rule.name, args, "step");
    if (call.kind === "options") return withOptions(rule, call.options);
    declareDecorator(call.context, applyRule(rule, undefined, "code"), rule);
    return undefined;
  }
  return decorate;
}

function called<O>(rule: DecoratorRule): (options: O) => StepDecorator {
  return (...args: readonly unknown[]) => {
    const call = readDecoratorCall(rule.name, args, "step");
    if (call.kind !== "options" || call.options === undefined) {
      throw new MillraceError("decorator-needs-options", { decorator: rule.name, example: rule.example });
    }
    return withOptions(rule, call.options);
  };
}

function withOptions(rule: DecoratorRule, options: unknown): StepDecorator {
  const applied = applyRule(rule, options, "code");
  return (...args: readonly unknown[]) => {
    declareDecorator(readApplication(rule.name, args, "step").context, applied, rule);
  };
}
