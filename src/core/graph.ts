import type { DecoratorUse } from "./definition.js";
import type { SourcePosition } from "./source-position.js";

/** A flow's graph, checked: what the scheduler follows and `show` draws. Plain data; stored with every run. */
export interface Graph {
  readonly flow: string;
  readonly doc?: string;
  /** In source order. */
  readonly steps: readonly GraphStep[];
}

/** What a step does when it is done. A join may do any of these as well: see {@link GraphStep.joins}. */
export type StepKind = "linear" | "split" | "foreach" | "switch" | "end";

export interface GraphStep {
  readonly name: string;
  readonly kind: StepKind;
  /** The steps it may go on to, in source order. */
  readonly next: readonly string[];
  /** The split or foreach step that this step's join closes; undefined when the step is no join. */
  readonly joins?: string;
  /** What the method's one parameter is: the branches, the foreach's item, or nothing. */
  readonly takes: "inputs" | "item" | "nothing";
  /** Open splits at this step, outermost first (the names of the split and foreach steps). */
  readonly splits: readonly string[];
  /** The step stands on a loop, so it may run more than once at one place. */
  readonly loops: boolean;
  readonly decorators: readonly DecoratorUse[];
  readonly doc?: string;
  readonly position?: SourcePosition;
  /** Names that its source reads from `this`: worth fetching in advance. Absent when there are none. */
  readonly reads?: readonly string[];
  /**
   * Artifacts that some step sets and that cannot reach this one, with the step that sets each and where it was lost
   * (the join that did not carry it; undefined when the setter is not upstream). `setHere`: the step sets the name anew,
   * so the steps after it may have it.
   */
  readonly lost: readonly { readonly name: string; readonly setBy: string; readonly lostAt?: string; readonly setHere?: true }[];
}

/** A problem of a flow that `check` reports. */
export interface Problem {
  /** A code of the error registry. */
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly position?: SourcePosition;
}
