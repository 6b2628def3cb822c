import { MillraceError } from "../core/errors/millrace-error.js";
import { declareDecorator } from "./declarations.js";
import { readApplication, readDecoratorCall } from "./decorator-call.js";
import { applyRule } from "./decorator-options.js";
import { decoratorRules, type DecoratorRule } from "./decorator-rules.js";
import type { FlowSpec } from "./flow-spec.js";

/** A decorator of a flow's class. */
export type FlowDecorator = <C extends abstract new (...args: never[]) => FlowSpec>(target: C, context: ClassDecoratorContext<C>) => void;

export interface ProjectOptions {
  readonly name: string;
  readonly branch?: string;
  /** This is the project's production branch; default false. */
  readonly production?: boolean;
}

/** When a deployed flow starts: one of the four; daily when none is given. */
export interface ScheduleOptions {
  /** Five cron fields. */
  readonly cron?: string;
  readonly hourly?: boolean;
  readonly daily?: boolean;
  readonly weekly?: boolean;
  /** An IANA time zone; UTC when absent. */
  readonly timezone?: string;
}

/** An event, and which of the flow's parameters take their value from which of its fields. */
export type TriggerEvent = string | { readonly name: string; readonly parameters?: Readonly<Record<string, string>> };

export type TriggerOptions =
  | { readonly event: TriggerEvent; readonly events?: never }
  | { readonly events: readonly TriggerEvent[]; readonly event?: never };

export type TriggerOnFinishOptions = { readonly flow: string; readonly flows?: never } | { readonly flows: readonly string[]; readonly flow?: never };

/** Names the project that the flow belongs to. */
export const project = called<ProjectOptions>(decoratorRules.project);

/** Starts a deployed flow at set times; a run by hand takes no notice of it. */
export const schedule = bare<ScheduleOptions>(decoratorRules.schedule);

/** Starts a deployed flow when an event arrives. */
export const trigger = called<string | TriggerOptions>(decoratorRules.trigger);

/** Starts a deployed flow when another has finished. */
export const triggerOnFinish = called<string | TriggerOnFinishOptions>(decoratorRules.triggerOnFinish);

function bare<O>(rule: DecoratorRule): FlowDecorator & ((options?: O) => FlowDecorator) {
  function decorate<C extends abstract new (...args: never[]) => FlowSpec>(target: C, context: ClassDecoratorContext<C>): void;
  function decorate(options?: O): FlowDecorator;
  function decorate(...args: readonly unknown[]): FlowDecorator | undefined {
    const call = readDecoratorCall(rule.name, args, "class");
    if (call.kind === "options") return withOptions(rule, call.options);
    declareDecorator(call.context, applyRule(rule, undefined, "code"), rule);
    return undefined;
  }
  return decorate;
}

function called<O>(rule: DecoratorRule): (options: O) => FlowDecorator {
  return (...args: readonly unknown[]) => {
    const call = readDecoratorCall(rule.name, args, "class");
    if (call.kind !== "options" || call.options === undefined) {
      throw new MillraceError("decorator-needs-options", { decorator: rule.name, example: rule.example });
    }
    return withOptions(rule, call.options);
  };
}

function withOptions(rule: DecoratorRule, options: unknown): FlowDecorator {
  const applied = applyRule(rule, options, "code");
  return (...args: readonly unknown[]) => {
    declareDecorator(readApplication(rule.name, args, "class").context, applied, rule);
  };
}
