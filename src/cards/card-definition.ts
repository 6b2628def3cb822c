import type { DecoratorUse } from "../core/definition.js";
import { isNumber, isString, option } from "../core/definition.js";

/** The kinds of card: `default` shows the whole task, `blank` what the step appends and nothing else. */
export type CardType = "default" | "blank";

/** One `@card` of a step. */
export interface CardDefinition {
  /** Tells it from the step's other cards: its id, else its type. Part of the key it is stored under. */
  readonly name: string;
  readonly type: CardType;
  readonly id: string | undefined;
  readonly title: string | undefined;
  /** Milliseconds between two writes while the task runs. */
  readonly refreshIntervalMs: number;
}

const REFRESH_INTERVAL_MS = 5000;

/** The cards of a step, in written order; those added by `--with` count only where the code has none. */
export function cardsOf(step: { readonly decorators: readonly DecoratorUse[] }): readonly CardDefinition[] {
  const uses = step.decorators.filter(({ name }) => name === "card");
  const own = uses.filter(({ from }) => from === "code");
  return (own.length > 0 ? own : uses.slice(0, 1)).map(defineCard);
}

function defineCard(use: DecoratorUse): CardDefinition {
  const type = option(use, "type", isString) === "blank" ? "blank" : "default";
  const id = option(use, "id", isString);
  return {
    name: id ?? type,
    type,
    id,
    title: option(use, "title", isString),
    refreshIntervalMs: option(use, "refreshIntervalMs", isNumber) ?? REFRESH_INTERVAL_MS,
  };
}
