/** Objects of one signature that are looked through one by one; further ones go into a Map. */
const SAME = 6;
/** Slots that are looked through for an object; one that would stand further off goes into a Map. */
const PROBES = 48;
/** A Map of V8 holds some 16.7 million entries. */
const MAP_ENTRIES = 16_000_000;
const FIRST_SLOTS = 32;
/** Objects that room is made for at once, at most. */
const MAX_RESERVE = 1 << 24;

/**
 * Numbers objects in the order in which they are first met. A Set would need a hash for each object, which V8 takes
 * longer to make and to keep than all the rest of encoding takes; here the objects' signatures serve instead.
 */
export class IdentityTable {
  /** By number. */
  readonly #objects: object[] = [];
  /** By number; unused for those in the crowd. */
  #signatures = new Int32Array(FIRST_SLOTS);
  /** An open hash table of numbers + 1; no more than three quarters of it are in use. */
  #slots = new Int32Array(FIRST_SLOTS);
  #mask = FIRST_SLOTS - 1;
  /** Objects that the table has no good place for, in as many Maps as it takes. */
  readonly #crowd: Map<object, number>[] = [];
  /** The crowd has objects that their signature alone does not lead to. */
  #crowdIsMixed = false;

  /** How many objects were met. */
  get size(): number {
    return this.#objects.length;
  }

  /** Makes room for objects that are about to come. */
  reserve(objects: number): void {
    const wanted = this.#objects.length + Math.min(objects, MAX_RESERVE);
    if (wanted > this.#mask * 0.75) this.#resize(2 ** Math.ceil(Math.log2(wanted / 0.7)));
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
    let slot = firstSlot(signature, mask);
    let isFree = false;
    for (let probes = 0; probes < PROBES; probes++) {
      const link = slots[slot] as number;
      if (link === 0) {
        isFree = true;
        break;
      }
      if (this.#signatures[link - 1] === signature) {
        if (this.#objects[link - 1] === value) return link - 1;
        if (++same === SAME) return this.#meetInCrowd(value);
      }
      slot = (slot + 1) & mask;
    }
    if (exactly || !isFree) {
      this.#crowdIsMixed = true;
      return this.#meetInCrowd(value);
    }
    if (this.#crowdIsMixed) {
      const number = this.#inCrowd(value);
      if (number >= 0) return number;
    }
    const number = this.#objects.push(value);
    this.#signatures[number - 1] = signature;
    slots[slot] = number;
    if (number > mask * 0.75) this.#resize((mask + 1) * 4);
    return -1;
  }

  #inCrowd(value: object): number {
    for (const map of this.#crowd) {
      const number = map.get(value);
      if (number !== undefined) return number;
    }
    return -1;
  }

  #meetInCrowd(value: object): number {
    const known = this.#inCrowd(value);
    if (known >= 0) return known;
    const number = this.#objects.push(value) - 1;
    this.#toCrowd(value, number);
    if (number > this.#mask * 0.75) this.#resize((this.#mask + 1) * 4);
    return -1;
  }

  #toCrowd(value: object, number: number): void {
    let map = this.#crowd.at(-1);
    if (map === undefined || map.size === MAP_ENTRIES) this.#crowd.push((map = new Map()));
    map.set(value, number);
  }

  #resize(slotCount: number): void {
    const slots = new Int32Array(slotCount);
    const mask = slotCount - 1;
    for (const link of this.#slots) {
      if (link === 0) continue;
      let slot = firstSlot(this.#signatures[link - 1] as number, mask);
      let probes = 0;
      while (slots[slot] !== 0 && probes < PROBES) {
        slot = (slot + 1) & mask;
        probes++;
      }
      if (probes < PROBES) slots[slot] = link;
      else {
        this.#toCrowd(this.#objects[link - 1] as object, link - 1);
        this.#crowdIsMixed = true;
      }
    }
    const signatures = new Int32Array(slotCount);
    signatures.set(this.#signatures);
    this.#signatures = signatures;
    this.#slots = slots;
    this.#mask = mask;
  }
}

/** Groups of eight neighbours stand together, which memory is fastest at; the groups are scattered. */
function firstSlot(signature: number, mask: number): number {
  const group = Math.imul(signature >>> 3, 0x9e37_79b1);
  return (((group ^ (group >>> 15)) << 3) | (signature & 7)) & mask;
}
