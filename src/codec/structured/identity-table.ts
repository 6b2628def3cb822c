/** Objects of one signature that are looked through one by one; further ones go into a Map. */
const CROWD = 6;
/** A Map of V8 holds some 16.7 million entries. */
const MAP_ENTRIES = 16_000_000;
const FIRST_SLOTS = 32;
/** Places that are reserved at once, at most. */
const MAX_RESERVE = 1 << 24;

/**
 * Numbers objects in the order in which they are first met. A Set would need a hash for each object, which V8 takes
 * longer to make and to keep than all the rest of encoding takes; here the objects' signatures serve instead.
 */
export class IdentityTable {
  /** By number. */
  readonly #objects: object[] = [];
  /** An open hash table of pairs: a signature, and a number + 1 or 0. Half of it stays empty. */
  #slots = new Int32Array(FIRST_SLOTS * 2);
  #mask = FIRST_SLOTS - 1;
  /** Objects whose signature many others have, in as many Maps as it takes. */
  readonly #crowd: Map<object, number>[] = [];

  /** How many objects were met. */
  get size(): number {
    return this.#objects.length;
  }

  /** Makes room for objects that are about to come. */
  reserve(objects: number): void {
    const wanted = (this.#objects.length + Math.min(objects, MAX_RESERVE)) * 2;
    if (wanted > this.#mask) this.#rehash(2 ** Math.ceil(Math.log2(wanted + 1)));
  }

  /**
   * Its number when it was met before; otherwise it gets the next one, and the answer is -1.
   * @param signature See `signatureOf`.
   * @param exactly The signature may not be the same the next time.
   */
  meet(value: object, signature: number, exactly = false): number {
    const slots = this.#slots;
    const mask = this.#mask;
    let same = 0;
    let slot = signature & mask;
    for (let link = slots[slot * 2 + 1] as number; link !== 0; slot = (slot + 1) & mask, link = slots[slot * 2 + 1] as number) {
      if (slots[slot * 2] !== signature) continue;
      if (this.#objects[link - 1] === value) return link - 1;
      if (++same === CROWD) break;
    }
    if (same === CROWD || exactly) return this.#meetInCrowd(value);
    slots[slot * 2] = signature;
    slots[slot * 2 + 1] = this.#objects.push(value);
    if (this.#objects.length * 2 > mask) this.#rehash((mask + 1) * 2);
    return -1;
  }

  #meetInCrowd(value: object): number {
    for (const map of this.#crowd) {
      const number = map.get(value);
      if (number !== undefined) return number;
    }
    let map = this.#crowd.at(-1);
    if (map === undefined || map.size === MAP_ENTRIES) this.#crowd.push((map = new Map()));
    map.set(value, this.#objects.push(value) - 1);
    return -1;
  }

  #rehash(slotCount: number): void {
    const old = this.#slots;
    const slots = new Int32Array(slotCount * 2);
    const mask = slotCount - 1;
    for (let i = 0; i < old.length; i += 2) {
      const link = old[i + 1] as number;
      if (link === 0) continue;
      const signature = old[i] as number;
      let slot = signature & mask;
      while (slots[slot * 2 + 1] !== 0) slot = (slot + 1) & mask;
      slots[slot * 2] = signature;
      slots[slot * 2 + 1] = link;
    }
    this.#slots = slots;
    this.#mask = mask;
  }
}
