import { MillraceError } from "../core/errors/millrace-error.js";

/** The kinds of binary values, by the number that stands for each in stored bytes; append only. */
const NAMES = [
  "Buffer",
  "ArrayBuffer",
  "DataView",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int8Array",
  "Uint16Array",
  "Int16Array",
  "Uint32Array",
  "Int32Array",
  "BigUint64Array",
  "BigInt64Array",
  "Float32Array",
  "Float64Array",
  "Float16Array",
] as const;

export type BinaryType = (typeof NAMES)[number];
export type BinaryValue = ArrayBuffer | ArrayBufferView;

type ViewClass = new (buffer: ArrayBuffer, offset?: number, length?: number) => ArrayBufferView;

/** The classes this Node version has. */
const classes = new Map<BinaryType, { readonly class: ViewClass; readonly elementBytes: number }>();
const byPrototype = new Map<object, BinaryType>([[Buffer.prototype, "Buffer"]]);

for (const name of NAMES) {
  const found: unknown = name === "Buffer" ? undefined : Reflect.get(globalThis, name);
  if (typeof found !== "function") continue;
  byPrototype.set(found.prototype as object, name);
  if (name === "ArrayBuffer") continue;
  const bytes: unknown = Reflect.get(found, "BYTES_PER_ELEMENT");
  classes.set(name, { class: found as ViewClass, elementBytes: typeof bytes === "number" ? bytes : 1 });
}

/** Which kind of binary value it is; undefined for other values, subclasses of these included. */
export function binaryTypeOf(value: object): BinaryType | undefined {
  return byPrototype.get(Object.getPrototypeOf(value) as object);
}

export function binaryCode(type: BinaryType): number {
  return NAMES.indexOf(type);
}

export function binaryTypeOfCode(code: number): string {
  return NAMES[code] ?? `binary type ${code}`;
}

/** The value's own bytes, not copied. */
export function bytesOf(value: BinaryValue): Uint8Array {
  return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);
}

/**
 * A binary value of the named type over a buffer's bytes.
 * @throws MillraceError `type-missing` when this Node version lacks the type.
 */
export function makeBinary(type: string, buffer: ArrayBuffer, offset: number, byteLength: number, path: string): BinaryValue {
  if (type === "ArrayBuffer") return buffer;
  if (type === "Buffer") return Buffer.from(buffer, offset, byteLength);
  const found = classes.get(type as BinaryType);
  if (found === undefined) throw new MillraceError("type-missing", { path, type, node: process.versions.node });
  return new found.class(buffer, offset, byteLength / found.elementBytes);
}

/** The bytes as an ArrayBuffer that holds nothing else; copied only when they share theirs. */
export function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength) return buffer;
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  return copy.buffer;
}
