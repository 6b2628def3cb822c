import type { FlowSpec } from "./flow-spec.js";
import type { AnyInputs } from "./inputs.js";
import type { StepResult } from "./step-method.js";

type AnyFunction = (...args: never[]) => unknown;

/** A flow's fields with their types: its artifacts and parameters, neither methods nor what every flow has. */
export type Artifacts<F> = { readonly [K in keyof F as K extends keyof FlowSpec ? never : F[K] extends AnyFunction ? never : K]: F[K] };

/** Some of a flow's fields. */
export type SomeArtifacts<F> = { readonly [K in keyof Artifacts<F>]?: Artifacts<F>[K] | undefined };

/** The names of a flow's fields. */
export type FieldName<F> = keyof Artifacts<F> & string;

/**
 * What a run of the flow can be given: its fields, each optional. The compiler cannot tell parameters from artifacts; a
 * name that is no parameter is refused before the run starts.
 */
export type GivenFields<F> = { readonly [K in keyof Artifacts<F>]?: GivenValue<Artifacts<F>[K]> };

/**
 * What stands for a field's value when a run is given it: a file's path for the bytes of `includeFile`, JSON for what a
 * schema makes into an instance of a class (a Date), else the value itself.
 */
export type GivenValue<T> = unknown extends T
  ? unknown
  : T extends Uint8Array
    ? string
    : T extends string | number | boolean | null | undefined
      ? T
      : T extends readonly (infer E)[]
        ? readonly GivenValue<E>[]
        : T extends Instance
          ? unknown
          : { readonly [K in keyof T]: GivenValue<T[K]> };

/** Values that JSON does not have: a schema makes them of others. */
type Instance = bigint | symbol | Date | RegExp | URL | Map<unknown, unknown> | Set<unknown> | AnyFunction;

/** The names of a flow's methods that can be steps. */
export type StepName<F> = {
  [K in keyof F & string]: K extends keyof FlowSpec
    ? never
    : F[K] extends AnyFunction
      ? [ReturnType<F[K]>] extends [StepResult]
        ? K
        : never
      : never;
}[keyof F & string];

/** What a step's method takes: nothing, a join's inputs, or an item of the type. */
export type StepTakes<F, S extends keyof F> = F[S] extends (...args: infer A) => unknown
  ? A extends readonly []
    ? { readonly kind: "nothing" }
    : A extends readonly [infer T, ...unknown[]]
      ? T extends AnyInputs
        ? { readonly kind: "inputs" }
        : { readonly kind: "item"; readonly item: T }
      : { readonly kind: "nothing" }
  : never;
