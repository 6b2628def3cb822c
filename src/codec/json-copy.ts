import type { JsonValue } from "../core/json.js";

const MAX_DEPTH = 30;

/** A plain value copied as JSON. */
export interface JsonCopy {
  readonly value: JsonValue;
  /** About how many characters its text has. */
  readonly size: number;
}

/**
 * Copies a value that JSON gives back equal, if its text has no more than `limit` characters; undefined when the value
 * is larger or richer: undefined, NaN or -0 in it, an object mentioned twice, any other class …
 */
export function copyAsJson(value: unknown, limit: number): JsonCopy | undefined {
  const copier = new JsonCopier(limit);
  const copy = copier.attempt(value);
  return copy === undefined ? undefined : { value: copy, size: limit - copier.left };
}

/** A copy that its owner may change. */
export function cloneJson(value: JsonValue): JsonValue {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(cloneJson);
  const copy: Record<string, JsonValue> = {};
  for (const [key, property] of Object.entries(value)) copy[key] = cloneJson(property);
  return copy;
}

class JsonCopier {
  /** Characters left. */
  left: number;
  readonly #met = new Set<object>();

  constructor(limit: number) {
    this.left = limit;
  }

  /** A property that throws when it is read makes no JSON; the encoding that is tried next says so. */
  attempt(value: unknown): JsonValue | undefined {
    try {
      return this.copy(value, 0);
    } catch {
      return undefined;
    }
  }

  copy(value: unknown, depth: number): JsonValue | undefined {
    switch (typeof value) {
      case "string":
        return this.#take(value.length + 2) ? value : undefined;
      case "number":
        return Number.isFinite(value) && !Object.is(value, -0) && this.#take(String(value).length) ? value : undefined;
      case "boolean":
        return this.#take(5) ? value : undefined;
      case "object":
        return value === null ? this.#null() : this.#object(value, depth);
      case "bigint":
      case "function":
      case "symbol":
      case "undefined":
        return undefined;
    }
  }

  #null(): null | undefined {
    return this.#take(4) ? null : undefined;
  }

  #take(characters: number): boolean {
    this.left -= characters;
    return this.left >= 0;
  }

  #object(value: object, depth: number): JsonValue | undefined {
    if (depth > MAX_DEPTH || this.#met.has(value) || Object.getOwnPropertySymbols(value).length > 0) return undefined;
    this.#met.add(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype) return this.#plain(value as Readonly<Record<string, unknown>>, depth);
    if (prototype === Array.prototype && Array.isArray(value)) return this.#array(value, depth);
    return undefined;
  }

  #plain(value: Readonly<Record<string, unknown>>, depth: number): JsonValue | undefined {
    const copy: Record<string, JsonValue> = {};
    if (!this.#take(2)) return undefined;
    for (const key of Object.keys(value)) {
      if (key === "__proto__" || !this.#take(key.length + 4)) return undefined;
      const property = this.copy(value[key], depth + 1);
      if (property === undefined) return undefined;
      copy[key] = property;
    }
    return copy;
  }

  #array(value: readonly unknown[], depth: number): JsonValue | undefined {
    if (!this.#take(value.length + 2) || Object.keys(value).length !== value.length) return undefined;
    const copy: JsonValue[] = [];
    for (const element of value) {
      const copied = this.copy(element, depth + 1);
      if (copied === undefined) return undefined;
      copy.push(copied);
    }
    return copy;
  }
}
