import { types } from "node:util";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { JsonValue } from "../core/json.js";
import { decodeArrow, encodeArrow, isArrowTable } from "./arrow.js";
import { binaryTypeOf, bytesOf, makeBinary, ownBuffer, type BinaryValue } from "./binary-types.js";
import type { EncodedBytes, EncodedValue, StoredValue } from "./encoded-value.js";
import { cloneJson, copyAsJson } from "./json-copy.js";
import { UnknownFormat } from "./structured/block-reader.js";
import { StructuredDecoder, type UnknownInstance } from "./structured/decoder.js";
import { SharedObject, StructuredEncoder } from "./structured/encoder.js";
import { IdentityTable } from "./structured/identity-table.js";
import { signatureOf } from "./structured/signature.js";
import { MemoryOverlap, SharedMemory } from "./structured/shared-memory.js";

/** Values whose JSON has up to this many characters stand in records as they are. */
export const JSON_LIMIT = 1024;
/** Strings longer than this in UTF-8 could not be made of their bytes again. */
const MAX_TEXT_BYTES = 500_000_000;

export interface EncodeOptions {
  /** Characters of JSON up to which a plain value is encoded as such; 1024 when not said. */
  readonly jsonLimit?: number;
}

/**
 * Encodes a value so that `decodeValue` gives back an equal one.
 * @param path What people call the value: `this.rows`.
 * @throws MillraceError `value-not-storable`, `codec-failed`, `arrow-missing`
 */
export function encodeValue(value: unknown, path: string, options: EncodeOptions = {}): EncodedValue {
  const json = encodeJson(value, options);
  if (json !== undefined) return json;
  const memory = new SharedMemory();
  for (;;) {
    try {
      return encodeRich(value, path, memory, new IdentityTable());
    } catch (error) {
      if (!(error instanceof MemoryOverlap)) throw error;
      memory.restart();
    }
  }
}

/**
 * Encodes a value among others, whose objects and memory are noted in the two tables.
 * @throws SharedObject, MemoryOverlap when it has some in common with them, or MemoryOverlap within itself.
 */
export function encodeInto(value: unknown, path: string, options: EncodeOptions, memory: SharedMemory, objects: IdentityTable): EncodedValue {
  return encodeJson(value, options) ?? encodeRich(value, path, memory, objects);
}

function encodeJson(value: unknown, { jsonLimit = JSON_LIMIT }: EncodeOptions): EncodedValue | undefined {
  const json = copyAsJson(value, jsonLimit);
  return json && { codec: "json", value: json.value, size: json.size };
}

/** What is not encoded as JSON. */
function encodeRich(value: unknown, path: string, memory: SharedMemory, objects: IdentityTable): EncodedValue {
  const encoded = encodeSingle(value, path);
  if (encoded === undefined) return structuredBytes(new StructuredEncoder(path, memory, objects).encode(value));
  if (typeof value === "object" && value !== null) {
    if (objects.meet(value, signatureOf(value)) >= 0) throw new SharedObject();
    if (isBinary(value)) memory.rangeOf(value);
  }
  return encoded;
}

/** A value that is all of one kind. */
function encodeSingle(value: unknown, path: string): EncodedValue | undefined {
  switch (typeof value) {
    case "string":
      return encodeText(value);
    case "number":
    case "bigint":
    case "undefined":
      return encodePrimitive(value);
    case "object":
      return value === null ? undefined : (encodeBinary(value) ?? encodeTable(value, path));
    case "boolean":
    case "function":
    case "symbol":
      return undefined;
  }
}

/** What JSON cannot say of single numbers and the like: its text, `NaN`, `-0`, `12n`, `undefined`. */
function encodePrimitive(value: number | bigint | undefined): EncodedValue | undefined {
  const text = Object.is(value, -0) ? "-0" : typeof value === "bigint" ? `${value}n` : String(value);
  return text.length > JSON_LIMIT ? undefined : { codec: "primitive", value: text, size: text.length + 2 };
}

const LONE_SURROGATE = /\p{Surrogate}/u;

function encodeText(value: string): EncodedBytes | undefined {
  if (Buffer.byteLength(value, "utf8") > MAX_TEXT_BYTES || LONE_SURROGATE.test(value)) return undefined;
  return { codec: "text", runs: [[Buffer.from(value, "utf8")]] };
}

function isBinary(value: object): value is BinaryValue {
  return ArrayBuffer.isView(value) || types.isArrayBuffer(value);
}

function encodeBinary(value: object): EncodedBytes | undefined {
  const type = isBinary(value) ? binaryTypeOf(value) : undefined;
  return type === undefined ? undefined : { codec: "bytes", meta: { type }, runs: [[bytesOf(value as BinaryValue)]] };
}

function encodeTable(value: object, path: string): EncodedBytes | undefined {
  return isArrowTable(value) ? { codec: "arrow", runs: [[encodeArrow(value, () => path)]] } : undefined;
}

function structuredBytes(runs: Uint8Array[][]): EncodedBytes {
  if (runs.length === 1) return { codec: "structured", runs };
  return { codec: "structured", meta: { runs: runs.map((run) => run.reduce((sum, chunk) => sum + chunk.length, 0)) }, runs };
}

export interface DecodeOptions {
  /** What to put for an instance whose codec is not registered; without it, such a value is an error. */
  readonly unknownInstance?: UnknownInstance;
}

/**
 * Makes the value again. Runs no code but that of registered codecs. Takes over the memory of the runs it is given.
 * @param path What people call the value, for errors.
 * @throws MillraceError `codec-missing`, `codec-failed`, `encoding-unknown`, `type-missing`, `arrow-missing`
 */
export function decodeValue(stored: StoredValue, path: string, options: DecodeOptions = {}): unknown {
  return "value" in stored ? decodeJson(stored.codec, stored.value, path) : decodeBytes(stored.codec, stored.meta, stored.runs, path, options);
}

function decodeJson(codec: string, value: JsonValue, path: string): unknown {
  if (codec === "json") return cloneJson(value);
  if (codec === "primitive" && typeof value === "string") return decodePrimitive(value);
  throw new MillraceError("encoding-unknown", { path, encoding: codec });
}

function decodePrimitive(text: string): unknown {
  if (text === "undefined") return undefined;
  return text.endsWith("n") ? BigInt(text.slice(0, -1)) : Number(text);
}

function decodeBytes(codec: string, meta: JsonValue | undefined, runs: readonly Uint8Array[], path: string, options: DecodeOptions): unknown {
  const bytes = runs[0] ?? new Uint8Array(0);
  switch (codec) {
    case "json":
      return JSON.parse(textOf(bytes));
    case "text":
      return textOf(bytes);
    case "bytes": {
      const buffer = ownBuffer(bytes);
      return makeBinary(typeOf(meta), buffer, 0, buffer.byteLength, path);
    }
    case "arrow":
      return decodeArrow(bytes, path);
    case "structured":
      return decodeStructured(runs, path, options);
    default:
      throw new MillraceError("encoding-unknown", { path, encoding: codec });
  }
}

function decodeStructured(runs: readonly Uint8Array[], path: string, options: DecodeOptions): unknown {
  try {
    return new StructuredDecoder(runs, path, options.unknownInstance).decode();
  } catch (error) {
    if (!(error instanceof UnknownFormat)) throw error;
    throw new MillraceError("encoding-unknown", { path, encoding: `structured, version ${error.version}` });
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function typeOf(meta: JsonValue | undefined): string {
  const type = typeof meta === "object" && meta !== null && "type" in meta ? meta["type"] : undefined;
  return typeof type === "string" ? type : "Uint8Array";
}

/** Bytes of each run, as `meta` tells them; undefined when there is one only. */
export function runSizes(codec: string, meta: JsonValue | undefined): readonly number[] | undefined {
  if (codec !== "structured" || typeof meta !== "object" || meta === null || !("runs" in meta)) return undefined;
  const { runs } = meta;
  return Array.isArray(runs) && runs.every((size) => typeof size === "number") ? runs : undefined;
}
