/** What a finished task asked for with `this.next`. */
export type Transition =
  | { readonly kind: "end" }
  /** One target: a linear edge or a switch's choice; several: a static split. */
  | { readonly kind: "next"; readonly targets: readonly string[] }
  | {
      readonly kind: "foreach";
      readonly target: string;
      readonly count: number;
      /** How many of the fan-out's tasks may run at once; absent: as many as the run allows. */
      readonly concurrency?: number;
    };
