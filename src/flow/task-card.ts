/** A card of the running task: `current.card`. What goes wrong with a card is told in the task's log and never fails the step. */
export interface TaskCard {
  /**
   * Adds to the card's end: components of `millrace/cards`, a text (as Markdown), or any other value, which is shown as
   * artifacts are. Components are drawn when the card is, so those that are updated show their latest state.
   */
  append(...parts: readonly unknown[]): void;
  /** Takes out all that was appended. */
  clear(): void;
  /**
   * Stores the card as it is now, for those who look at it while the task runs: at most once every `refreshInterval`;
   * calls in between are made up for at its end, when the step lets other code run then.
   */
  refresh(): void;
  /** The step's card of that id; a card without one is known by its type, `default` or `blank`. */
  get(id: string): TaskCard;
}
