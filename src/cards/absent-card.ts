import type { TaskCard } from "../flow/task-card.js";

/** Stands in for a card that the step does not have: a report that nobody asked for is no reason to fail. */
export class AbsentCard implements TaskCard {
  readonly #reason: string;
  readonly #say: (line: string) => void;
  #said = false;

  /** @param reason `step score has no @card` */
  constructor(reason: string, say: (line: string) => void) {
    this.#reason = reason;
    this.#say = say;
  }

  append(): void {
    this.#tell();
  }

  clear(): void {
    this.#tell();
  }

  refresh(): void {
    this.#tell();
  }

  get(): TaskCard {
    return this;
  }

  #tell(): void {
    if (this.#said) return;
    this.#said = true;
    this.#say(`current.card: ${this.#reason}, so what goes into it is not kept.`);
  }
}
