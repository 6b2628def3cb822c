declare const branches: unique symbol;

/** A finished branch, as a join sees it: its fields, to be read only, and its place in the fan-out. */
export type Branch<F> = { readonly [K in keyof F as Exclude<K, "next" | "mergeArtifacts">]: F[K] };

/**
 * What a join takes: the finished branches, in the order of the split's targets or of the fan-out's items, whatever
 * finished first. The branches of a static split also go by the name of their last step: `inputs.left.total`.
 *
 * @example
 * @step join(inputs: Inputs<this>) {
 *   this.total = inputs.reduce((sum, input) => sum + input.score, 0);
 *   this.next(this.end);
 * }
 */
export type Inputs<F> = readonly Branch<F>[] & { readonly [K in keyof F]: Branch<F> } & { readonly [branches]: F };

/** The inputs of a join of any flow. */
export type AnyInputs = { readonly [branches]: unknown };
