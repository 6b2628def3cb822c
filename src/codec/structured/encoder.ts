import { types } from "node:util";
import { MillraceError, messageOf } from "../../core/errors/millrace-error.js";
import { encodeArrow, isArrowTable } from "../arrow.js";
import { binaryTypeOf, bytesOf, type BinaryValue } from "../binary-types.js";
import { codecFor, type RegisteredCodec } from "../codec-registry.js";
import { adviceFor, describeValue } from "../unstorable.js";
import { codecStep, formatValuePath, mapKeyStep, mapValueStep, setElementStep, type PathStep } from "../value-path.js";
import { hasHoles, isIntegers, isNumbers, namedKeys } from "./array-form.js";
import { BinaryWriter } from "./binary-writer.js";
import { BlockWriter } from "./block-writer.js";
import { boxName, errorKeys, errorKindOf, isExactly, isForeign } from "./built-in-classes.js";
import { MAX_DEPTH, NUMBERS_MIN, Tag } from "./format.js";
import type { IdentityTable } from "./identity-table.js";
import { Site, ShapeTable, type Shape } from "./shape-table.js";
import { MemoryOverlap, type SharedMemory } from "./shared-memory.js";
import { signatureOf, signatureOfPlain } from "./signature.js";

type Properties = Readonly<Record<string, unknown>>;

/** An object too deep to stand where it is mentioned. */
interface Later {
  readonly value: object;
  readonly trail: readonly PathStep[];
  readonly outer: Later | undefined;
}

/** Writes one value. Throws `MemoryOverlap` when it must be written anew, and MillraceErrors for what cannot be stored. */
export class StructuredEncoder {
  readonly #out = new BlockWriter();
  readonly #binaries: BinaryWriter;
  readonly #objects: IdentityTable;
  readonly #firstObject: number;
  readonly #shapes = new ShapeTable();
  readonly #root: string;
  readonly #trail: PathStep[] = [];
  /** Instances whose codec's data is being written. */
  readonly #open: object[] = [];
  #later: Later[] = [];
  #outer: Later | undefined;
  #hasReferences = false;

  /** @param objects Objects met before belong to other values: meeting one again is a `SharedObject`. */
  constructor(root: string, memory: SharedMemory, objects: IdentityTable) {
    this.#root = root;
    this.#binaries = new BinaryWriter(this.#out, memory);
    this.#objects = objects;
    this.#firstObject = objects.size;
  }

  /** The stream and the runs behind it. */
  encode(value: unknown): Uint8Array[][] {
    try {
      this.#value(value, 0, new Site());
      for (let batch = this.#later; batch.length > 0; batch = this.#later) {
        this.#later = [];
        for (const later of batch) this.#content(later);
      }
      return [this.#out.finish(this.#hasReferences), ...this.#binaries.runs.map((run) => [run])];
    } catch (error) {
      this.#out.release();
      throw this.#explained(error);
    }
  }

  #explained(error: unknown): unknown {
    if (error instanceof MillraceError || error instanceof MemoryOverlap || error instanceof SharedObject) return error;
    if (error instanceof RangeError && /call stack/i.test(error.message)) {
      return new MillraceError(
        "value-not-storable",
        { path: this.#root, what: "nested too deeply inside an instance of a class or an error's causes" },
        { cause: error },
      );
    }
    const what = `an object whose properties cannot be read (${messageOf(error)})`;
    return new MillraceError("value-not-storable", { path: this.#root, what }, { cause: error });
  }

  #value(value: unknown, depth: number, site: Site): void {
    switch (typeof value) {
      case "number":
        this.#out.number(value);
        return;
      case "string":
        this.#out.string(value);
        return;
      case "boolean":
        this.#out.tag(value ? Tag.True : Tag.False);
        return;
      case "undefined":
        this.#out.tag(Tag.Undefined);
        return;
      case "bigint":
        this.#bigint(value);
        return;
      case "object":
        if (value === null) this.#out.tag(Tag.Null);
        else this.#object(value, depth, site);
        return;
      case "function":
        this.#instance(value, depth);
        return;
      case "symbol":
        this.#refuse(value, depth);
    }
  }

  #bigint(value: bigint): void {
    this.#out.tag(Tag.BigInt);
    this.#out.varint(value < 0n ? 1 : 0);
    this.#out.string((value < 0n ? -value : value).toString(16));
  }

  #object(value: object, depth: number, site: Site): void {
    const prototype: unknown = Object.getPrototypeOf(value);
    const deep = depth >= MAX_DEPTH;
    if (prototype === Object.prototype) {
      const keys = Object.keys(value);
      const met = this.#objects.meet(value, signatureOfPlain(value, keys), deep);
      if (met >= 0) this.#reference(value, met, depth);
      else if (!deep || !this.#setAside(value, Tag.Dictionary, depth)) this.#plain(value as Properties, keys, depth, site);
      return;
    }
    const met = this.#objects.meet(value, signatureOf(value), deep);
    if (met >= 0) {
      this.#reference(value, met, depth);
      return;
    }
    if (Array.isArray(value)) {
      if (prototype !== Array.prototype && !isForeign(prototype, "Array")) this.#instance(value, depth);
      else if (depth < MAX_DEPTH || !this.#setAside(value, Tag.Array, depth)) this.#array(value, depth, site);
      return;
    }
    this.#special(value, prototype, depth, site);
  }

  #reference(value: object, number: number, depth: number): void {
    if (number < this.#firstObject) throw new SharedObject();
    if (this.#open.includes(value)) {
      this.#fail(depth, `an instance of ${describeValue(value).replace(/^an? (instance of )?/, "")} that its own codec's data leads back to`);
    }
    this.#hasReferences = true;
    this.#out.tag(Tag.Reference);
    this.#out.varint(number - this.#firstObject);
  }

  #plain(value: Properties, keys: readonly string[], depth: number, site: Site): void {
    this.#checkSymbols(value, depth);
    const known = site.recall(keys) ?? this.#shapes.find(keys);
    const shape = known ?? this.#shapes.add(keys);
    if (shape === undefined) {
      this.#out.tag(Tag.Dictionary);
      this.#entries(value, keys, depth, site.elements);
      return;
    }
    if (site.shape !== shape) site.note(shape);
    if (known !== undefined) {
      this.#out.tag(Tag.Object);
      this.#out.varint(shape.number);
    } else {
      this.#out.tag(Tag.NewShape);
      this.#out.varint(keys.length);
      for (const key of keys) this.#out.string(key);
    }
    this.#properties(value, shape, depth);
  }

  #properties(value: Properties, shape: Shape, depth: number): void {
    const { sites } = shape;
    let i = 0;
    // V8 reads properties fastest in a for-in loop. The object's own keys, which are the shape's, come first.
    for (const key in value) {
      if (i === sites.length) return;
      const property = value[key];
      if (typeof property === "number") this.#out.number(property);
      else if (typeof property === "string") this.#out.string(property);
      else {
        this.#trail[depth] = key;
        this.#value(property, depth + 1, sites[i] as Site);
      }
      i++;
    }
  }

  #entries(value: object, keys: readonly string[], depth: number, site: Site): void {
    this.#out.varint(keys.length);
    for (const key of keys) {
      this.#out.string(key);
      this.#trail[depth] = key;
      this.#value(Reflect.get(value, key), depth + 1, site);
    }
  }

  #array(value: readonly unknown[], depth: number, site: Site): void {
    this.#checkSymbols(value, depth);
    const named = namedKeys(value);
    if (named.length > 0) this.#out.tag(Tag.NamedArray);
    if (value.length >= NUMBERS_MIN && isNumbers(value)) this.#numbers(value);
    else if (hasHoles(value)) this.#sparse(value, named.length, depth, site);
    else {
      this.#out.tag(Tag.Array);
      this.#out.varint(value.length);
      const elements = site.elements;
      if (typeof value[0] === "object") this.#objects.reserve(value.length);
      for (let i = 0; i < value.length; i++) {
        const element = value[i];
        if (typeof element === "string") this.#out.string(element);
        else {
          this.#trail[depth] = i;
          this.#value(element, depth + 1, elements);
        }
      }
    }
    if (named.length > 0) this.#entries(value, named, depth, site.elements);
  }

  #numbers(value: readonly number[]): void {
    const integers = isIntegers(value);
    const raw = integers ? new Int32Array(value.length) : new Float64Array(value.length);
    for (let i = 0; i < value.length; i++) raw[i] = value[i] as number;
    this.#out.tag(integers ? Tag.Integers : Tag.Floats);
    this.#out.varint(value.length);
    this.#out.raw(bytesOf(raw));
  }

  #sparse(value: readonly unknown[], named: number, depth: number, site: Site): void {
    const keys = Object.keys(value);
    keys.length -= named;
    this.#out.tag(Tag.SparseArray);
    this.#out.varint(value.length);
    this.#out.varint(keys.length);
    for (const key of keys) {
      const index = Number(key);
      this.#out.number(index);
      this.#trail[depth] = index;
      this.#value(value[index], depth + 1, site.elements);
    }
  }

  /** Anything that is neither a plain object nor an array. */
  #special(value: object, prototype: unknown, depth: number, site: Site): void {
    if (prototype === null && !types.isModuleNamespaceObject(value)) this.#nullObject(value, depth, site);
    else if (ArrayBuffer.isView(value) || types.isArrayBuffer(value)) this.#binary(value, depth);
    else if (types.isMap(value) && isExactly(value, prototype, "Map")) this.#map(value, depth, site);
    else if (types.isSet(value) && isExactly(value, prototype, "Set")) this.#set(value, depth, site);
    else if (types.isDate(value) && isExactly(value, prototype, "Date")) this.#date(value);
    else if (types.isRegExp(value) && isExactly(value, prototype, "RegExp")) this.#regExp(value);
    else if (types.isNativeError(value)) this.#error(value, prototype, depth, site);
    else if (types.isBoxedPrimitive(value) && isExactly(value, prototype, boxName(value))) this.#boxed(value, depth, site);
    else if (isForeign(prototype, "Object")) this.#plain(value as Properties, Object.keys(value), depth, site);
    else if (isArrowTable(value)) this.#arrow(value, depth);
    else this.#instance(value, depth);
  }

  #nullObject(value: object, depth: number, site: Site): void {
    if (depth >= MAX_DEPTH && this.#setAside(value, Tag.NullObject, depth)) return;
    this.#checkSymbols(value, depth);
    this.#out.tag(Tag.NullObject);
    this.#entries(value, Object.keys(value), depth, site.elements);
  }

  #map(value: ReadonlyMap<unknown, unknown>, depth: number, site: Site): void {
    if (depth >= MAX_DEPTH && this.#setAside(value, Tag.Map, depth)) return;
    this.#out.tag(Tag.Map);
    this.#mapEntries(value, depth, site.elements);
  }

  #mapEntries(value: ReadonlyMap<unknown, unknown>, depth: number, site: Site): void {
    this.#out.varint(value.size);
    let index = 0;
    for (const [key, element] of value) {
      if (typeof key !== "string") this.#trail[depth] = mapKeyStep(index);
      this.#value(key, depth + 1, site.elements);
      if (typeof element === "object" || typeof element === "function" || typeof element === "symbol") this.#trail[depth] = mapValueStep(key, index);
      this.#value(element, depth + 1, site);
      index++;
    }
  }

  #set(value: ReadonlySet<unknown>, depth: number, site: Site): void {
    if (depth >= MAX_DEPTH && this.#setAside(value, Tag.Set, depth)) return;
    this.#out.tag(Tag.Set);
    this.#setElements(value, depth, site.elements);
  }

  #setElements(value: ReadonlySet<unknown>, depth: number, site: Site): void {
    this.#out.varint(value.size);
    let index = 0;
    for (const element of value) {
      if (typeof element !== "string" && typeof element !== "number") this.#trail[depth] = setElementStep(index);
      this.#value(element, depth + 1, site);
      index++;
    }
  }

  #date(value: Date): void {
    this.#out.tag(Tag.Date);
    this.#out.float(value.getTime());
  }

  #regExp(value: RegExp): void {
    this.#out.tag(Tag.RegExp);
    this.#out.string(value.source);
    this.#out.string(value.flags);
    this.#out.number(value.lastIndex);
  }

  #boxed(value: object, depth: number, site: Site): void {
    const primitive: unknown = value.valueOf();
    if (typeof primitive === "symbol") this.#refuse(value, depth);
    this.#out.tag(Tag.Boxed);
    this.#value(primitive, depth, site);
  }

  #error(value: Error, prototype: unknown, depth: number, site: Site): void {
    const kind = errorKindOf(prototype);
    if (kind < 0) {
      this.#instance(value, depth);
      return;
    }
    this.#checkSymbols(value, depth);
    const keys = errorKeys(value);
    this.#out.tag(Tag.Error);
    this.#out.varint(kind);
    this.#out.varint(keys.length);
    for (const key of keys) {
      this.#out.string(key);
      this.#out.tag(Object.prototype.propertyIsEnumerable.call(value, key) ? Tag.True : Tag.False);
      this.#trail[depth] = key;
      this.#value(Reflect.get(value, key), depth + 1, site.elements);
    }
  }

  #binary(value: BinaryValue, depth: number): void {
    const type = binaryTypeOf(value);
    if (type === undefined) this.#instance(value, depth);
    else this.#binaries.write(value, type);
  }

  #arrow(value: object, depth: number): void {
    const bytes = encodeArrow(value, () => this.#path(depth));
    this.#out.tag(Tag.Arrow);
    this.#binaries.addRun(bytes);
  }

  #instance(value: object, depth: number): void {
    const codec = codecFor(value);
    if (codec === undefined) {
      this.#refuse(value, depth);
      return;
    }
    if (typeof value === "function") {
      const met = this.#objects.meet(value, 0, true);
      if (met >= 0) {
        this.#reference(value, met, depth);
        return;
      }
    }
    const data = this.#encoded(codec, value, depth);
    this.#out.tag(Tag.Instance);
    this.#out.string(codec.name);
    this.#open.push(value);
    this.#trail[depth] = codecStep(codec.name);
    this.#value(data, depth + 1, new Site());
    this.#open.pop();
  }

  #encoded(codec: RegisteredCodec, value: object, depth: number): unknown {
    try {
      return codec.encode(value);
    } catch (error) {
      throw new MillraceError(
        "codec-failed",
        { codec: codec.name, path: this.#path(depth), action: "encode", reason: messageOf(error) },
        { cause: error },
      );
    }
  }

  /** Leaves a deep object for later; not inside a codec's data, which its decode wants whole. */
  #setAside(value: object, kind: Tag, depth: number): boolean {
    if (this.#open.length > 0) return false;
    this.#out.tag(Tag.Later);
    this.#out.byte(kind);
    this.#later.push({ value, trail: this.#trail.slice(0, depth), outer: this.#outer });
    return true;
  }

  #content(later: Later): void {
    const { value } = later;
    this.#outer = later;
    const site = new Site();
    if (types.isMap(value)) this.#mapEntries(value, 0, site);
    else if (types.isSet(value)) this.#setElements(value, 0, site);
    else if (Array.isArray(value)) this.#array(value, 0, site);
    else {
      this.#checkSymbols(value, 0);
      this.#entries(value, Object.keys(value), 0, site);
    }
  }

  #checkSymbols(value: object, depth: number): void {
    const symbols = Object.getOwnPropertySymbols(value);
    if (symbols.length === 0) return;
    const shown = symbols.find((symbol) => Object.prototype.propertyIsEnumerable.call(value, symbol));
    if (shown !== undefined) this.#fail(depth, `an object with a symbol as a key (${String(shown)})`);
    if (types.isArgumentsObject(value) || symbols.includes(Symbol.toStringTag)) this.#refuse(value, depth);
  }

  #refuse(value: unknown, depth: number): never {
    return this.#fail(depth, describeValue(value), adviceFor(value));
  }

  #fail(depth: number, what: string, advice?: string): never {
    throw new MillraceError("value-not-storable", { path: this.#path(depth), what, advice });
  }

  #path(depth: number): string {
    const trails = [this.#trail.slice(0, depth)];
    for (let outer = this.#outer; outer !== undefined; outer = outer.outer) trails.push([...outer.trail]);
    return formatValuePath(this.#root, trails.reverse().flat());
  }
}

/** Thrown when a value mentions an object that belongs to a value written before it. */
export class SharedObject extends Error {}
