import type { FieldName, GivenFields, StepName } from "../flow/flow-fields.js";
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
    : { readonly [K in FieldName<InstanceType<C>>]?: InstanceType<C>[K] } & {
        readonly input?: unknown;
        readonly [input: `${string}.${string}`]: unknown;
      };

/** What a run is a run of, for reading it. */
export type ReadAs<C extends AnyFlow> = FlowSpec extends InstanceType<C> ? unknown : InstanceType<C>;

/** Names of the flow's steps; without a flow's class: any text. */
export type StepsOf<C extends AnyFlow> = FlowSpec extends InstanceType<C> ? string : StepName<InstanceType<C>>;
