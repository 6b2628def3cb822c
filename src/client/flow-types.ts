import type { FieldName, StepName as FlowStepName } from "../flow/flow-fields.js";
import type { FlowSpec } from "../flow/flow-spec.js";

/** A flow's class, as `import ScoreFlow from "./score.ts"` gives it. */
export type FlowClass<F extends FlowSpec = FlowSpec> = abstract new () => F;

/** `Flow<ScoreFlow>("…")` and `Flow<typeof ScoreFlow>("…")` mean the same. */
export type InstanceOf<T> = T extends abstract new (...args: never) => infer F ? F : T;

/** Whether anything is known of the flow. */
type IsKnown<F> = unknown extends F ? false : true;

/** Names of the flow's artifacts: its fields. Any text when the flow's class is not known. */
export type ArtifactName<F> = IsKnown<F> extends true ? FieldName<F> : string;

/** The type of an artifact. */
export type ArtifactValue<F, N> = IsKnown<F> extends true ? (N extends keyof F ? F[N] : never) : unknown;

/** Names of the flow's steps: its methods that return nothing. Any text when no step is known. */
export type StepName<F> = IsKnown<F> extends true ? OrAny<FlowStepName<F>> : string;

/** `Run<{ total: number }>("Score/12")` says what is read, and nothing of steps. */
type OrAny<Names extends string> = [Names] extends [never] ? string : Names;

/** What a run was given, by the parameter's name. A field that is no parameter is not among them, whatever its type says. */
export type ParametersOf<F> = IsKnown<F> extends true ? { readonly [N in ArtifactName<F> & keyof F]: F[N] } : Readonly<Record<string, unknown>>;
