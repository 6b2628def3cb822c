import { inspect, type InspectOptionsStylized } from "node:util";
import type { ListedCard } from "../cards/task-card-list.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import { describeObject } from "./inspection.js";

/** A report of a task that is stored: an HTML page that needs nothing else. */
export class Card {
  readonly #listed: ListedCard;

  /** @internal */
  constructor(listed: ListedCard) {
    this.#listed = listed;
  }

  /** Of its `@card`; undefined when it has none. */
  get id(): string | undefined {
    return this.#listed.definition?.id;
  }

  get type(): "default" | "blank" | undefined {
    return this.#listed.definition?.type;
  }

  /** Of its `@card`. */
  get title(): string | undefined {
    return this.#listed.definition?.title;
  }

  /** Bytes of the page. */
  get size(): number {
    return this.#listed.stored.bytes;
  }

  /** When the page was stored. */
  get storedAt(): Date {
    return new Date(this.#listed.stored.storedAt);
  }

  /**
   * The page. What a task that was killed had stored while it was at work says how the task ended.
   * @throws MillraceError `card-missing` when it has gone since it was listed
   */
  async html(): Promise<string> {
    // Drawing is loaded by those alone who look at a card.
    const { readCard } = await import("../cards/card-page.js");
    const page = await readCard(this.#listed);
    if (page === undefined) throw new MillraceError("card-missing", { pathspec: this.#listed.pathspec, reason: "not-stored", known: [] });
    return page.html;
  }

  [inspect.custom](depth: number, options: InspectOptionsStylized, show: typeof inspect): string {
    const { id, type, title, size, storedAt } = this;
    return describeObject(`Card of ${this.#listed.pathspec}`, { id, type, title, size, storedAt }, depth, options, show);
  }
}
