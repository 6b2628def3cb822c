import { MillraceError } from "../core/errors/millrace-error.js";
import { receiveConstruction } from "./construction.js";
import type { Inputs } from "./inputs.js";
import type { ForeachOptions, Items, PlainStep, StepResult } from "./step-method.js";
import { taskOf, type ForeachStackEntry, type TaskContext } from "./task-context.js";

/**
 * A flow: extend it, mark methods with `@step`, and hand on from one to the next with `this.next(...)`. Fields that a
 * step assigns are artifacts: later steps see them.
 *
 * @example
 * export default class Hello extends FlowSpec {
 *   greeting!: string;
 *   @step start() {
 *     this.greeting = "hello";
 *     this.next(this.end);
 *   }
 *   @step end() {
 *     console.log(this.greeting);
 *   }
 * }
 */
export abstract class FlowSpec {
  constructor() {
    const seen = receiveConstruction(this);
    if (seen !== this) return seen;
  }

  /** Goes on to a step; given several, runs each as a branch, and a join takes them together. */
  next(...steps: readonly [PlainStep, ...PlainStep[]]): void;
  /** Goes on to a join: a step whose parameter is `Inputs<this>`. */
  next<F extends FlowSpec>(join: (inputs: Inputs<F>) => StepResult): void;
  /**
   * Runs one task of the step for each item; the item is the step's parameter.
   * An empty fan-out is an error, unless `allowEmpty` is set: then the join runs with no inputs.
   */
  next<T>(step: (item: T) => StepResult, options: ForeachOptions<NoInfer<T>> & { readonly foreach: Items<T> }): void;
  next(...args: readonly unknown[]): void {
    requireTask(this, "next").next(args);
  }

  /**
   * In a join: takes over every artifact on which the branches that have it agree. Names that this step has set already
   * stay as they are.
   * @param options.include Only these; a name that no branch has is an error.
   * @param options.exclude All but these. Not together with `include`.
   * @throws MillraceError `merge-conflict` with the names on which branches differ.
   */
  mergeArtifacts<F extends FlowSpec>(inputs: Inputs<F>, options: MergeOptions<F> = {}): void {
    requireTask(this, "mergeArtifacts").mergeArtifacts(inputs, options);
  }

  /** The item of the innermost fan-out that is open here; undefined outside of any. */
  get input(): unknown {
    return requireTask(this, "input").input;
  }

  /** This task's place in the innermost fan-out that is open here, from 0; undefined outside of any. */
  get index(): number | undefined {
    return requireTask(this, "index").index;
  }

  /** The fan-outs that are open here, outermost first. */
  foreachStack(): readonly ForeachStackEntry[] {
    return requireTask(this, "foreachStack").foreachStack();
  }
}

/** Which artifacts `mergeArtifacts` takes. */
export type MergeOptions<F> =
  | { readonly include?: readonly (keyof F & string)[]; readonly exclude?: never }
  | { readonly exclude?: readonly (keyof F & string)[]; readonly include?: never };

function requireTask(flow: FlowSpec, member: string): TaskContext {
  const task = taskOf(flow);
  if (task === undefined) throw new MillraceError("no-current-task", { what: `this.${member}` });
  return task;
}
