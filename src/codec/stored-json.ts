import type { JsonValue } from "../core/json.js";

/**
 * A stored value as JSON. What JSON cannot say is written `{ "$type": …, "value": … }`: `undefined`, `number` (NaN,
 * Infinity, -0), `bigint`, `Date`, `RegExp`, `Map`, `Set`, errors, binary values (base64, typed arrays as numbers), other
 * classes by their name, and an object that has a `$type` of its own (`Object`, as entries). A value inside itself is
 * `Circular`, with the number of levels up.
 */
export function jsonOf(value: unknown): JsonValue {
  return new JsonWriter().write(value);
}

interface Marked {
  readonly $type: string;
  readonly value?: JsonValue;
}

class JsonWriter {
  readonly #open: object[] = [];

  write(value: unknown): JsonValue {
    switch (typeof value) {
      case "string":
      case "boolean":
        return value;
      case "number":
        return Number.isFinite(value) && !Object.is(value, -0) ? value : mark("number", Object.is(value, -0) ? "-0" : String(value));
      case "undefined":
        return mark("undefined");
      case "bigint":
        return mark("bigint", String(value));
      case "symbol":
      case "function":
        return mark(typeof value, String(value));
      case "object":
        return value === null ? null : this.#object(value);
    }
  }

  #object(value: object): JsonValue {
    const place = this.#open.lastIndexOf(value);
    if (place >= 0) return mark("Circular", this.#open.length - place);
    this.#open.push(value);
    const written = this.#openObject(value);
    this.#open.pop();
    return written;
  }

  #openObject(value: object): JsonValue {
    if (Array.isArray(value)) return Array.from(value, (item: unknown) => this.write(item));
    if (value instanceof Date) return mark("Date", Number.isNaN(value.getTime()) ? null : value.toISOString());
    if (value instanceof RegExp) return mark("RegExp", String(value));
    if (value instanceof Map)
      return mark(
        "Map",
        Array.from(value, ([key, item]: [unknown, unknown]) => [this.write(key), this.write(item)]),
      );
    if (value instanceof Set)
      return mark(
        "Set",
        Array.from(value, (item: unknown) => this.write(item)),
      );
    if (value instanceof Error) return mark(value.name, this.#error(value));
    if (ArrayBuffer.isView(value)) return this.#view(value);
    if (value instanceof ArrayBuffer) return mark("ArrayBuffer", Buffer.from(value).toString("base64"));
    return this.#plain(value);
  }

  #view(view: ArrayBufferView): JsonValue {
    const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
    if (view instanceof Uint8Array || view instanceof DataView) return mark(view.constructor.name, bytes.toString("base64"));
    return mark(
      view.constructor.name,
      Array.from(view as unknown as ArrayLike<unknown>, (item) => this.write(item)),
    );
  }

  #error(error: Error): JsonValue {
    const own = Object.entries(error).filter(([key]) => key !== "name");
    return {
      message: error.message,
      ...(error.stack !== undefined && { stack: error.stack }),
      ...(error.cause !== undefined && { cause: this.write(error.cause) }),
      ...(error instanceof AggregateError && { errors: this.write(error.errors) }),
      ...this.#entries(own),
    };
  }

  #plain(value: object): JsonValue {
    const entries = Object.entries(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== null && prototype !== Object.prototype) return mark(value.constructor.name, this.#entries(entries));
    if (Object.hasOwn(value, "$type"))
      return mark(
        "Object",
        entries.map(([key, item]) => [key, this.write(item)]),
      );
    return this.#entries(entries);
  }

  #entries(entries: readonly (readonly [string, unknown])[]): Record<string, JsonValue> {
    return Object.fromEntries(entries.map(([key, item]) => [key, this.write(item)]));
  }
}

function mark(type: string, value?: JsonValue): Record<string, JsonValue> {
  const marked: Marked = { $type: type, ...(value !== undefined && { value }) };
  return { ...marked };
}
