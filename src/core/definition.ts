import type { JsonObject, JsonValue } from "./json.js";
import type { SourcePosition } from "./source-position.js";

/** What a flow's class says, as plain data: read once in a task process, then used by every part that has no class. */
export interface FlowDefinition {
  /** The class's name. */
  readonly name: string;
  readonly doc?: string;
  readonly position?: SourcePosition;
  readonly parameters: readonly ParameterDefinition[];
  /** In source order, base classes first. */
  readonly steps: readonly StepDefinition[];
  /** Decorators of the class. */
  readonly decorators: readonly DecoratorUse[];
  /** What else the class has: fields that are no parameters, methods and accessors that are no steps. */
  readonly members: readonly MemberDefinition[];
}

/** A member of a flow's class that is neither a step nor a parameter. */
export interface MemberDefinition {
  readonly name: string;
  readonly kind: "field" | "method" | "accessor";
  /** Of a field whose initialiser gives it a value, which reaches every step: a hash of the initialiser's text. */
  readonly initialiser?: string;
  /** Decorators of steps that stand on a method without `@step`. */
  readonly decorators?: readonly string[];
  readonly position?: SourcePosition;
}

export type ParameterType = "string" | "number" | "int" | "boolean" | "json" | "schema" | "file";

export interface ParameterDefinition {
  /** The field's name, `chunkSize`. */
  readonly name: string;
  /** Its command-line name without dashes, `chunk-size`. */
  readonly flag: string;
  readonly type: ParameterType;
  readonly list: boolean;
  readonly required: boolean;
  readonly help?: string;
  /** The default as text for help; absent when there is none or a function makes it. */
  readonly defaultText?: string;
  /** A function makes the default at the start of a run. */
  readonly computedDefault?: boolean;
  /** A further environment variable that sets it. */
  readonly env?: string;
  readonly position?: SourcePosition;
}

/** A decorator as it was written: its name and options, no behaviour. */
export interface DecoratorUse {
  readonly name: string;
  readonly options: JsonObject;
  /** Written in the code, or added by `--with`. */
  readonly from: "code" | "with";
  /** Options that are functions (`retry`'s `if`) stay in the task process; their names. */
  readonly functions?: readonly string[];
}

export interface StepDefinition {
  readonly name: string;
  readonly doc?: string;
  readonly position?: SourcePosition;
  /** How many parameters the method takes. */
  readonly arity: number;
  /** The first parameter's name, when it is a plain one. */
  readonly parameterName?: string;
  readonly decorators: readonly DecoratorUse[];
  /** Every `this.next(...)` of the step's source, in order. */
  readonly transitions: readonly TransitionSite[];
  /** Names assigned on `this`. */
  readonly sets: readonly string[];
  /** Where each of them is first assigned. */
  readonly setAt: Readonly<Record<string, SourcePosition>>;
  /** Names read from `this`, with the first place each. */
  readonly reads: readonly ArtifactRead[];
  /** The step hands `this` to other code or uses computed names, so `sets` and `reads` may miss some. */
  readonly opaque: boolean;
  /** Calls of `mergeArtifacts`: their literal include and exclude lists; `undefined` lists when not literal. */
  readonly merges: readonly { readonly include?: readonly string[]; readonly exclude?: readonly string[] }[];
}

export interface ArtifactRead {
  readonly name: string;
  readonly position?: SourcePosition;
}

/** One `this.next(...)` as written. */
export interface TransitionSite {
  readonly kind: "next" | "foreach" | "unreadable";
  /** Names of the targets, as written after `this.`. */
  readonly targets: readonly string[];
  readonly position?: SourcePosition;
  /** For `unreadable`: what in it cannot be read from the source. */
  readonly problem?: string;
}

/** Finds a decorator of a step; code wins over `--with`. */
export function findDecorator(step: { readonly decorators: readonly DecoratorUse[] }, name: string): DecoratorUse | undefined {
  return step.decorators.find((use) => use.name === name && use.from === "code") ?? step.decorators.find((use) => use.name === name);
}

/** An option's value, when it has the wanted kind. */
export function option<T extends JsonValue>(use: DecoratorUse | undefined, name: string, is: (value: JsonValue) => value is T): T | undefined {
  const value = use?.options[name];
  return value !== undefined && is(value) ? value : undefined;
}

export const isNumber = (value: JsonValue): value is number => typeof value === "number";
export const isString = (value: JsonValue): value is string => typeof value === "string";
export const isBoolean = (value: JsonValue): value is boolean => typeof value === "boolean";
