import type { TaskCard } from "../flow/task-card.js";
import type { CardDefinition } from "./card-definition.js";
import { Artifact } from "./components/artifact.js";
import { isComponent, type Component } from "./components/component.js";
import { Markdown } from "./components/markdown.js";

/** What a card's draft asks of those who store it. */
export interface CardKeeper {
  /** Draws the card as it is now, and stores it. */
  store(draft: CardDraft): void;
  find(id: string): TaskCard;
}

/** Drawing takes at most this share of a step's time, however short the interval is. */
const TIME_SHARE = 0.1;

/** A card that is being written: what the step appends, and when it is stored meanwhile. */
export class CardDraft implements TaskCard {
  readonly definition: CardDefinition;
  readonly #keeper: CardKeeper;
  #components: Component[] = [];
  #nextWriteAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(definition: CardDefinition, keeper: CardKeeper) {
    this.definition = definition;
    this.#keeper = keeper;
  }

  get components(): readonly Component[] {
    return this.#components;
  }

  append(...parts: readonly unknown[]): void {
    this.#components.push(...parts.map(componentOf));
  }

  clear(): void {
    this.#components = [];
  }

  refresh(): void {
    if (this.#closed) return;
    const waitMs = this.#nextWriteAt - performance.now();
    if (waitMs <= 0) {
      this.#write();
      return;
    }
    // It does not keep the process: the card is stored anyway when the step has ended.
    this.#timer ??= setTimeout(() => this.#write(), waitMs).unref();
  }

  get(id: string): TaskCard {
    return this.#keeper.find(id);
  }

  /** The step has ended: nothing is stored any more but by who ends it. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const startedAt = performance.now();
    this.#keeper.store(this);
    const now = performance.now();
    this.#nextWriteAt = now + Math.max(this.definition.refreshIntervalMs, (now - startedAt) / TIME_SHARE);
  }
}

function componentOf(part: unknown): Component {
  if (isComponent(part)) return part;
  return typeof part === "string" ? new Markdown(part) : new Artifact(part);
}
