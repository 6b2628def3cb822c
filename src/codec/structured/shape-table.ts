import { MAX_SHAPE_KEYS, MAX_SHAPES } from "./format.js";

/** Keys in their order, shared by many objects. */
export interface Shape {
  readonly number: number;
  readonly keys: readonly string[];
  /** What was last seen under each key. */
  readonly sites: readonly Site[];
}

/** A place in a value where objects of the same shapes keep turning up: an array's elements, a key of a shape. */
export class Site {
  shape: Shape | undefined;
  other: Shape | undefined;
  #elements: Site | undefined;

  /** The site of the elements of arrays (or Maps, Sets) found here. */
  get elements(): Site {
    return (this.#elements ??= new Site());
  }

  /** The shape with just these keys, if it was here lately. */
  recall(keys: readonly string[]): Shape | undefined {
    if (this.shape !== undefined && sameKeys(this.shape.keys, keys)) return this.shape;
    if (this.other === undefined || !sameKeys(this.other.keys, keys)) return undefined;
    const found = this.other;
    this.other = this.shape;
    this.shape = found;
    return found;
  }

  note(shape: Shape): void {
    this.other = this.shape;
    this.shape = shape;
  }
}

/** The shapes of one value, numbered in the order in which they are first met. */
export class ShapeTable {
  readonly #byKeys = new Map<string, Shape>();

  find(keys: readonly string[]): Shape | undefined {
    const shape = this.#byKeys.get(nameOf(keys));
    return shape !== undefined && sameKeys(shape.keys, keys) ? shape : undefined;
  }

  /** A new shape; undefined when objects of these keys had better be written with their keys. */
  add(keys: readonly string[]): Shape | undefined {
    const name = nameOf(keys);
    if (this.#byKeys.size >= MAX_SHAPES || keys.length > MAX_SHAPE_KEYS || this.#byKeys.has(name)) return undefined;
    const shape = { number: this.#byKeys.size, keys, sites: keys.map(() => new Site()) };
    this.#byKeys.set(name, shape);
    return shape;
  }
}

/** Keys that contain the separator may share a name with others; the first have it. */
function nameOf(keys: readonly string[]): string {
  return `${keys.length}\0${keys.join("\0")}`;
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
