import { compareTaskIds } from "../core/task-id.js";
import { cardKey, cardsPrefix, parseCardName, type CardPlace } from "./layout.js";
import type { RunStore } from "./run-store.js";

/** A card that is stored. */
export interface StoredCard extends CardPlace {
  readonly step: string;
  readonly key: string;
}

/** The cards of a run's tasks: HTML pages, a file each. */
export class CardStore {
  readonly #run: RunStore;

  constructor(run: RunStore) {
    this.#run = run;
  }

  /** The cards of a step's tasks, by task, attempt and name. */
  async list(step: string): Promise<readonly StoredCard[]> {
    const { store, flow, id } = this.#run;
    const prefix = cardsPrefix(flow, id, step);
    const names = await store.listNames(prefix);
    return names
      .flatMap((name) => {
        const place = parseCardName(name);
        return place === undefined ? [] : [{ ...place, step, key: prefix + name }];
      })
      .toSorted((a, b) => compareTaskIds(a.task, b.task) || a.attempt - b.attempt || (a.card < b.card ? -1 : 1));
  }

  /** A card's page; undefined when it is not there (any more). */
  async read({ key }: StoredCard): Promise<Uint8Array | undefined> {
    return this.#run.store.get(key);
  }

  /** Stores a card's page, in the place of an earlier one. */
  writeSync(step: string, place: CardPlace, page: string): void {
    const { store, flow, id } = this.#run;
    store.putSync(cardKey(flow, id, step, place), [Buffer.from(page)]);
  }
}
