/** A Set or Map of V8 holds some 16.7 million entries; a table goes on in another from here. */
const TABLE_ENTRIES = 16_000_000;

/** Numbers objects in the order in which they are first met. Costs one Set insertion an object until one repeats. */
export class IdentityTable {
  readonly #full: Set<object>[] = [];
  #current = new Set<object>();
  #count = 0;
  /** Numbers by object, in as many Maps as it takes: made when the first object repeats. */
  #numbers: Map<object, number>[] | undefined;

  get size(): number {
    return this.#count;
  }

  /** Its number when it was met before; otherwise it gets the next one, and the answer is -1. */
  meet(value: object): number {
    if (this.#full.length > 0 && this.#full.some((set) => set.has(value))) return this.#numberOf(value);
    this.#current.add(value);
    if (this.#current.size + this.#full.length * TABLE_ENTRIES === this.#count) return this.#numberOf(value);
    if (this.#numbers !== undefined) this.#remember(value, this.#count);
    this.#count++;
    if (this.#current.size === TABLE_ENTRIES) {
      this.#full.push(this.#current);
      this.#current = new Set();
    }
    return -1;
  }

  #numberOf(value: object): number {
    if (this.#numbers === undefined) {
      this.#numbers = [];
      let number = 0;
      for (const set of [...this.#full, this.#current]) for (const met of set) this.#remember(met, number++);
    }
    for (const map of this.#numbers) {
      const number = map.get(value);
      if (number !== undefined) return number;
    }
    return -1;
  }

  #remember(value: object, number: number): void {
    const maps = (this.#numbers ??= []);
    let map = maps.at(-1);
    if (map === undefined || map.size === TABLE_ENTRIES) maps.push((map = new Map()));
    map.set(value, number);
  }
}
