import { types } from "node:util";

/** How many primitives are enough, and how many properties are looked at to find them. */
const ENOUGH = 2;
const WIDTH = 6;
/** Characters of a text's end. */
const TEXT_END = 8;
/** How far to look into objects that show no primitive. */
const DEPTH = 2;

/**
 * A number made of some of an object's contents, cheap to work out: the same each time for the same object, and
 * mostly another for another. It stands in for an address, which JavaScript does not tell.
 */
export function signatureOf(value: object): number {
  return contentsOf(value, DEPTH);
}

/** The same for a plain object whose keys are known. */
export function signatureOfPlain(value: object, keys: readonly string[]): number {
  return propertiesOf(value, keys, DEPTH);
}

function contentsOf(value: object, depth: number): number {
  if (Array.isArray(value)) return elementsOf(value, depth);
  if (Object.getPrototypeOf(value) === Object.prototype) return propertiesOf(value, Object.keys(value), depth);
  if (ArrayBuffer.isView(value)) return mixed(value.byteOffset, value.byteLength);
  if (types.isDate(value)) return mixed(1, value.getTime() | 0);
  if (types.isMap(value) || types.isSet(value)) return mixed(2, value.size);
  return 3;
}

function propertiesOf(value: object, keys: readonly string[], depth: number): number {
  const count = keys.length < WIDTH ? keys.length : WIDTH;
  let signature = keys.length;
  let found = 0;
  let inner: object | undefined;
  for (let i = 0; i < count; i++) {
    const property = (value as Readonly<Record<string, unknown>>)[keys[i] as string];
    if (typeof property === "number") signature = mixed(signature, integerOf(property));
    else if (typeof property === "string") signature = mixed(signature, textNumber(property));
    else {
      if (typeof property === "object" && property !== null) inner ??= property;
      continue;
    }
    if (++found === ENOUGH) return signature;
  }
  return found === 0 && inner !== undefined && depth > 0 ? mixed(signature, contentsOf(inner, depth - 1)) : signature;
}

/** The first and the last element tell most. */
function elementsOf(array: readonly unknown[], depth: number): number {
  const { length } = array;
  return length === 0 ? 19 : mixed(mixed(length | 0, elementOf(array[0], 0)), elementOf(array[length - 1], depth));
}

function elementOf(element: unknown, depth: number): number {
  if (typeof element === "number") return integerOf(element);
  if (typeof element === "string") return textNumber(element);
  return typeof element === "object" && element !== null && depth > 0 ? contentsOf(element, depth - 1) : 23;
}

function integerOf(value: number): number {
  const integer = value | 0;
  return integer === value ? integer : (value * 65_537.31) | 0;
}

/** Looks at the end of a text, where numbered ones differ, and at the start and middle of a long one. */
function textNumber(text: string): number {
  const { length } = text;
  let signature = length;
  for (let i = length > TEXT_END ? length - TEXT_END : 0; i < length; i++) signature = Math.imul(signature, 10) + text.charCodeAt(i);
  return length > TEXT_END ? mixed(text.charCodeAt(0) + text.charCodeAt(length >> 1) * 65_537, signature) : signature;
}

/** What differs by little stays close: see `IdentityTable`. */
function mixed(signature: number, next: number): number {
  return (Math.imul(signature, 5) + next) | 0;
}
