import { cardKey, cardsPrefix, parseCardName, type CardPlace } from "./layout.js";
import type { RunStore } from "./run-store.js";

/** A card that is stored. */
export interface StoredCard extends CardPlace {
  readonly step: string;
  readonly key: string;
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly storedAt: number;
}

/** The cards of a run's tasks: HTML pages, an object each. */
export class CardStore {
  readonly #run: RunStore;

  constructor(run: RunStore) {
    this.#run = run;
  }

  /** The cards of a step's tasks, in the order of their keys. */
  async list(step: string): Promise<readonly StoredCard[]> {
    const { store, flow, id } = this.#run;
    const prefix = cardsPrefix(flow, id, step);
    const cards: StoredCard[] = [];
    for await (const { key, size, modifiedAt } of store.list(prefix)) {
      const place = parseCardName(key.slice(prefix.length));
      if (place !== undefined) cards.push({ ...place, step, key, bytes: size, storedAt: modifiedAt });
    }
    return cards.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** A card's page; undefined when it is not there (any more). */
  async read({ key }: Pick<StoredCard, "key">): Promise<string | undefined> {
    const bytes = await this.#run.store.get(key);
    return bytes === undefined ? undefined : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  }

  /** Stores a card's page, in the place of an earlier one. */
  writeSync(step: string, place: CardPlace, page: string): void {
    const { store, flow, id } = this.#run;
    store.putSync(cardKey(flow, id, step, place), [Buffer.from(page)]);
  }
}
