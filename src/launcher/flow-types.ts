import type { FlowSpec } from "../flow/flow-spec.js";

/** A flow's class, as a type: `typeof ScoreFlow`. */
export type AnyFlow = abstract new () => FlowSpec;

/**
 * What a run of the flow can be given: its fields, each optional. The compiler cannot tell parameters from artifacts; a
 * name that is no parameter is refused before the run starts. Without a flow's class: anything.
 */
export type ParametersOf<C extends AnyFlow> = FlowSpec extends InstanceType<C> ? Readonly<Record<string, unknown>> : GivenFields<InstanceType<C>>;

/** What a task that is run again can be given. */
export type SpinSet<C extends AnyFlow> =
  FlowSpec extends InstanceType<C>
    ? Readonly<Record<string, unknown>>
    : { readonly [K in DataFields<InstanceType<C>>]?: InstanceType<C>[K] } & {
        readonly input?: unknown;
        readonly [input: `${string}.${string}`]: unknown;
      };

/** What a run is a run of, for reading it. */
export type ReadAs<C extends AnyFlow> = FlowSpec extends InstanceType<C> ? unknown : InstanceType<C>;

type GivenFields<F> = { readonly [K in DataFields<F>]?: GivenValue<F[K]> };

type DataFields<F> = { [K in keyof F]: K extends keyof FlowSpec ? never : IsFunction<F[K]> extends true ? never : K }[keyof F];

type IsFunction<T> = T extends (...args: never[]) => unknown ? true : false;

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
type Instance = bigint | symbol | Date | RegExp | URL | Map<unknown, unknown> | Set<unknown> | ((...args: never[]) => unknown);

/** Names of the flow's steps; without a flow's class: any text. */
export type StepsOf<C extends AnyFlow> = FlowSpec extends InstanceType<C> ? string : Methods<InstanceType<C>>;

type Methods<F> = { [K in keyof F]: K extends keyof FlowSpec ? never : IsFunction<F[K]> extends true ? K & string : never }[keyof F];
