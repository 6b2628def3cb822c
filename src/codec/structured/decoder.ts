import { MillraceError, messageOf } from "../../core/errors/millrace-error.js";
import { decodeArrow } from "../arrow.js";
import { binaryTypeOfCode, makeBinary, ownBuffer } from "../binary-types.js";
import { codecNamed } from "../codec-registry.js";
import { BlockReader } from "./block-reader.js";
import { ERROR_CLASSES, Tag, tagOf } from "./format.js";

type Properties = Record<string, unknown>;

/** A byte above it is an integer. */
const LAST_TAG = 127;

/** Longer arrays become slow when their length is set at once. */
const MAX_PRESIZED = 16_000_000;

/** The keys of a shape, and an object that has them. */
interface ShapeTemplate {
  readonly keys: readonly string[];
  readonly template: Properties;
}

/** What becomes of an instance whose codec is not registered. */
export type UnknownInstance = (codec: string, data: unknown) => unknown;

/** Reads one value that `StructuredEncoder` wrote. Runs no code but that of registered codecs. */
export class StructuredDecoder {
  readonly #in: BlockReader;
  readonly #runs: readonly Uint8Array[];
  readonly #path: string;
  readonly #unknown: UnknownInstance | undefined;
  readonly #shapes: ShapeTemplate[] = [];
  readonly #objects: unknown[] | undefined;
  readonly #shared: ArrayBuffer[] = [];
  #later: object[] = [];

  /** @param runs The stream and the runs behind it; the latter become the value's own memory. */
  constructor(runs: readonly Uint8Array[], path: string, unknown?: UnknownInstance) {
    this.#in = new BlockReader(runs[0] ?? new Uint8Array(0));
    this.#runs = runs;
    this.#path = path;
    this.#unknown = unknown;
    this.#objects = this.#in.hasReferences ? [] : undefined;
  }

  decode(): unknown {
    const value = this.#value();
    for (let batch = this.#later; batch.length > 0; batch = this.#later) {
      this.#later = [];
      for (const later of batch) this.#content(later);
    }
    return value;
  }

  #value(): unknown {
    const byte = this.#in.tag();
    if (byte > LAST_TAG) return byte & 127;
    const tag = tagOf(byte);
    switch (tag) {
      case Tag.Undefined:
        return undefined;
      case Tag.Null:
        return null;
      case Tag.True:
        return true;
      case Tag.False:
        return false;
      case Tag.Integer:
        return this.#in.varint();
      case Tag.NegativeInteger:
        return -1 - this.#in.varint();
      case Tag.Float:
        return this.#in.float();
      case Tag.NaN:
        return Number.NaN;
      case Tag.BigInt:
        return this.#bigint();
      case Tag.EmptyString:
        return "";
      case Tag.String:
      case Tag.RecentString:
        return this.#in.stringOf(tag);
      case Tag.Reference:
        return this.#objects?.[this.#in.varint()];
      case Tag.Object:
        return this.#object(this.#shapes[this.#in.varint()] as ShapeTemplate);
      case Tag.NewShape:
        return this.#object(this.#shape());
      case Tag.Dictionary:
        return this.#entries(this.#met({}));
      case Tag.NullObject:
        return this.#entries(this.#met(Object.create(null) as Properties));
      case Tag.Array:
      case Tag.NamedArray:
      case Tag.SparseArray:
      case Tag.Integers:
      case Tag.Floats:
        return this.#array(tag, this.#met([]));
      case Tag.Map:
        return this.#mapEntries(this.#met(new Map<unknown, unknown>()));
      case Tag.Set:
        return this.#setElements(this.#met(new Set<unknown>()));
      case Tag.Date:
        return this.#met(new Date(this.#in.float()));
      case Tag.RegExp:
        return this.#regExp();
      case Tag.Boxed:
        return this.#boxed();
      case Tag.Error:
        return this.#error();
      case Tag.Binary:
        return this.#binary();
      case Tag.RunBinary:
        return this.#runBinary();
      case Tag.SharedBinary:
        return this.#sharedBinary();
      case Tag.SharedBytes:
        this.#shared.push(copied(this.#in.raw(this.#in.varint())));
        return this.#value();
      case Tag.Instance:
        return this.#instance();
      case Tag.Later:
        return this.#setAside();
      case Tag.Arrow:
        return this.#met(decodeArrow(this.#runs[this.#in.varint()] as Uint8Array, this.#path));
    }
    throw new MillraceError("encoding-unknown", { path: this.#path, encoding: `structured, tag ${byte}` });
  }

  /** Keeps an object for references to it. */
  #met<T>(value: T): T {
    this.#objects?.push(value);
    return value;
  }

  #bigint(): bigint {
    const negative = this.#in.varint() === 1;
    const magnitude = BigInt(`0x${this.#in.string()}`);
    return negative ? -magnitude : magnitude;
  }

  #shape(): ShapeTemplate {
    const count = this.#in.varint();
    const keys: string[] = [];
    const template: Properties = {};
    for (let i = 0; i < count; i++) {
      const key = this.#in.string();
      keys.push(key);
      setProperty(template, key, undefined);
    }
    const shape = { keys, template };
    this.#shapes.push(shape);
    return shape;
  }

  #object(shape: ShapeTemplate): Properties {
    const object = { ...shape.template };
    this.#objects?.push(object);
    const { keys } = shape;
    for (let i = 0; i < keys.length; i++) object[keys[i] as string] = this.#value();
    return object;
  }

  #entries<T extends object>(object: T): T {
    for (let count = this.#in.varint(); count > 0; count--) {
      const key = this.#in.string();
      setProperty(object, key, this.#value());
    }
    return object;
  }

  /** An array in one of its forms. */
  #array(tag: Tag, array: unknown[]): unknown[] {
    if (tag === Tag.NamedArray) return this.#entries(this.#array(tagOf(this.#in.tag()), array));
    if (tag === Tag.SparseArray) return this.#sparse(array);
    if (tag === Tag.Integers) return this.#integers(array);
    if (tag === Tag.Floats) return this.#floats(array);
    const length = this.#in.varint();
    for (let i = 0; i < length; i++) array.push(this.#value());
    return array;
  }

  #sparse(array: unknown[]): unknown[] {
    array.length = this.#in.varint();
    for (let count = this.#in.varint(); count > 0; count--) {
      const index = this.#value() as number;
      array[index] = this.#value();
    }
    return array;
  }

  #integers(array: unknown[]): unknown[] {
    const length = this.#in.varint();
    const bytes = this.#in.raw(length * 4);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (length <= MAX_PRESIZED) array.length = length;
    for (let i = 0; i < length; i++) array[i] = view.getInt32(i * 4, true);
    return array;
  }

  #floats(array: unknown[]): unknown[] {
    const length = this.#in.varint();
    const bytes = this.#in.raw(length * 8);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (length <= MAX_PRESIZED) array.length = length;
    for (let i = 0; i < length; i++) array[i] = view.getFloat64(i * 8, true);
    return array;
  }

  #mapEntries(map: Map<unknown, unknown>): Map<unknown, unknown> {
    for (let count = this.#in.varint(); count > 0; count--) {
      const key = this.#value();
      map.set(key, this.#value());
    }
    return map;
  }

  #setElements(set: Set<unknown>): Set<unknown> {
    for (let count = this.#in.varint(); count > 0; count--) set.add(this.#value());
    return set;
  }

  #regExp(): RegExp {
    const source = this.#in.string();
    const value = new RegExp(source, this.#in.string());
    value.lastIndex = this.#value() as number;
    return this.#met(value);
  }

  #boxed(): unknown {
    const place = this.#objects?.push(undefined) ?? 0;
    const boxed: unknown = Object(this.#value());
    if (this.#objects !== undefined) this.#objects[place - 1] = boxed;
    return boxed;
  }

  #error(): Error {
    const error = this.#met(makeError(ERROR_CLASSES[this.#in.varint()] ?? "Error", this.#path));
    for (let count = this.#in.varint(); count > 0; count--) {
      const key = this.#in.string();
      const enumerable = this.#value() === true;
      Object.defineProperty(error, key, { value: this.#value(), enumerable, writable: true, configurable: true });
    }
    return error;
  }

  #binary(): unknown {
    const type = binaryTypeOfCode(this.#in.byte());
    const buffer = copied(this.#in.raw(this.#in.varint()));
    return this.#met(makeBinary(type, buffer, 0, buffer.byteLength, this.#path));
  }

  #runBinary(): unknown {
    const type = binaryTypeOfCode(this.#in.byte());
    const buffer = ownBuffer(this.#runs[this.#in.varint()] as Uint8Array);
    return this.#met(makeBinary(type, buffer, 0, buffer.byteLength, this.#path));
  }

  #sharedBinary(): unknown {
    const type = binaryTypeOfCode(this.#in.byte());
    const buffer = this.#shared[this.#in.varint()] as ArrayBuffer;
    const offset = this.#in.varint();
    return this.#met(makeBinary(type, buffer, offset, this.#in.varint(), this.#path));
  }

  #instance(): unknown {
    const place = this.#objects?.push(undefined) ?? 0;
    const name = this.#in.string();
    const instance = this.#decoded(name, this.#value());
    if (this.#objects !== undefined) this.#objects[place - 1] = instance;
    return instance;
  }

  #decoded(name: string, data: unknown): unknown {
    const codec = codecNamed(name);
    if (codec === undefined) {
      if (this.#unknown !== undefined) return this.#unknown(name, data);
      throw new MillraceError("codec-missing", { codec: name, path: this.#path });
    }
    try {
      return codec.decode(data);
    } catch (error) {
      throw new MillraceError("codec-failed", { codec: name, path: this.#path, action: "decode", reason: messageOf(error) }, { cause: error });
    }
  }

  #setAside(): object {
    const later = this.#met(emptyOf(tagOf(this.#in.byte())));
    this.#later.push(later);
    return later;
  }

  #content(later: object): void {
    if (later instanceof Map) this.#mapEntries(later);
    else if (later instanceof Set) this.#setElements(later);
    else if (Array.isArray(later)) this.#array(tagOf(this.#in.tag()), later);
    else this.#entries(later);
  }
}

function emptyOf(kind: Tag): object {
  if (kind === Tag.Map) return new Map();
  if (kind === Tag.Set) return new Set();
  if (kind === Tag.Array) return [];
  return kind === Tag.NullObject ? (Object.create(null) as object) : {};
}

function setProperty(object: object, key: string, value: unknown): void {
  if (key === "__proto__") Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else (object as Properties)[key] = value;
}

function copied(bytes: Uint8Array): ArrayBuffer {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy.buffer;
}

/** An error of the class with nothing of its own, not even a stack. */
function makeError(name: (typeof ERROR_CLASSES)[number], path: string): Error {
  const found: unknown = Reflect.get(globalThis, name);
  if (typeof found !== "function") throw new MillraceError("type-missing", { path, type: name, node: process.versions.node });
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    const error = (name === "AggregateError" ? new AggregateError([]) : Reflect.construct(found, [])) as Error;
    for (const key of Object.getOwnPropertyNames(error)) Reflect.deleteProperty(error, key);
    return error;
  } finally {
    Error.stackTraceLimit = limit;
  }
}
