import type { FlowSpec } from "./flow-spec.js";

/** What a step may return. */
export type StepResult = void | Promise<void>;

/** A step that takes neither an item nor inputs. */
export type PlainStep = () => StepResult;

/** A step's parameters: none, or one (a fan-out's item, or a join's inputs). */
export type StepArguments = readonly [] | readonly [unknown];

/** A method that can be a step. */
export type StepMethod<This, A extends StepArguments> = (this: This, ...args: A) => StepResult;

/** A decorator of steps; it leaves the method as it is. */
export type StepDecorator = <This extends FlowSpec, A extends StepArguments>(
  method: StepMethod<This, A>,
  context: ClassMethodDecoratorContext<This, StepMethod<This, A>>,
) => void;

/** What can be fanned out over: anything iterable but a string, whose letters are hardly ever meant. */
export type Items<T> = (Iterable<T> | AsyncIterable<T>) & object;

/** How a step fans out. */
export interface ForeachOptions<T> {
  /** One task for each: an array, Set, Map, generator, async generator … */
  readonly foreach: Items<T>;
  /** Names a task for people, in output and listings. */
  readonly label?: (item: T, index: number) => string;
  /** How many of these tasks may run at once; as many as the run allows when absent. */
  readonly concurrency?: number;
  /** Nothing to fan out over is no error: the join then runs with no inputs. */
  readonly allowEmpty?: boolean;
}
