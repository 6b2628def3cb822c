import type { EncodedValue } from "./encoded-value.js";
import { IdentityTable } from "./structured/identity-table.js";
import { SharedObject } from "./structured/encoder.js";
import { MemoryOverlap, SharedMemory } from "./structured/shared-memory.js";
import { encodeInto, type EncodeOptions } from "./value-codec.js";

/**
 * Encodes values that are stored apart and read back together, such as an array's elements: that is right only while
 * none of them has an object or memory in common with another.
 */
export class ValueGroup {
  readonly #objects = new IdentityTable();
  readonly #memory = new SharedMemory();

  /**
   * Undefined when the value has something in common with one before it.
   * @throws MillraceError as `encodeValue` does
   */
  encode(value: unknown, path: string, options: EncodeOptions = {}): EncodedValue | undefined {
    try {
      return encodeInto(value, path, options, this.#memory, this.#objects);
    } catch (error) {
      if (error instanceof SharedObject || error instanceof MemoryOverlap) return undefined;
      throw error;
    }
  }
}
