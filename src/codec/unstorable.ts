import { types } from "node:util";

/** Says in words what a value is that cannot be stored: `a function`, `an instance of Socket`. */
export function describeValue(value: unknown): string {
  if (typeof value === "function") return describeFunction(value);
  if (typeof value === "symbol") return `a symbol (${String(value)})`;
  if (typeof value !== "object" || value === null) return `the value ${String(value)}`;
  if (types.isPromise(value)) return "a promise (is an await missing?)";
  if (types.isGeneratorObject(value)) return "a generator";
  if (types.isArgumentsObject(value)) return "an arguments object";
  if (types.isSharedArrayBuffer(value)) return "a SharedArrayBuffer";
  if (types.isBoxedPrimitive(value) && typeof value.valueOf() === "symbol") return "a symbol object";
  const name = classNameOf(value);
  if (name === "Module") return "a module";
  if (name !== undefined && isDirect(value, name)) return `a ${name} with properties of its own`;
  return name === undefined ? "an object with a prototype of its own" : `${article(name)} ${name}`;
}

function describeFunction(value: { readonly name?: unknown }): string {
  const isClass = /^class\b/.test(Function.prototype.toString.call(value));
  const name = typeof value.name === "string" && value.name !== "" ? ` (${value.name})` : "";
  return `${isClass ? "a class" : "a function"}${name}`;
}

const PLAIN: Readonly<Record<string, (value: unknown) => boolean>> = {
  Map: types.isMap,
  Set: types.isSet,
  Date: types.isDate,
  RegExp: types.isRegExp,
  Number: types.isNumberObject,
  String: types.isStringObject,
  Boolean: types.isBooleanObject,
  BigInt: types.isBigIntObject,
};

/** A direct instance of a class whose instances can be stored, were it not for something hung on this one. */
function isDirect(value: object, name: string): boolean {
  const found: unknown = PLAIN[name]?.(value) === true ? Reflect.get(globalThis, name) : undefined;
  return typeof found === "function" && Object.getPrototypeOf(value) === found.prototype;
}

const BUILT_IN = new Set([
  "WeakMap",
  "WeakSet",
  "WeakRef",
  "Blob",
  "File",
  "Response",
  "Request",
  "Headers",
  "ReadableStream",
  "WritableStream",
  "AbortSignal",
]);

function article(name: string): string {
  if (BUILT_IN.has(name)) return /^[AEIOU]/.test(name) ? "an" : "a";
  return "an instance of";
}

function classNameOf(value: object): string | undefined {
  try {
    const prototype: unknown = Object.getPrototypeOf(value);
    const maker: unknown = typeof prototype === "object" && prototype !== null ? Reflect.get(prototype, "constructor") : undefined;
    if (typeof maker === "function" && maker.name !== "" && maker !== Object) return maker.name;
    const tag: unknown = Reflect.get(value, Symbol.toStringTag);
    return typeof tag === "string" && tag !== "" ? tag : undefined;
  } catch {
    return undefined;
  }
}

/** What to do instead, where it is not what the error says anyway. */
export function adviceFor(value: unknown): string | undefined {
  if (typeof value === "function") return "Store the data that the function is made from, and make the function in the step that calls it.";
  if (typeof value === "symbol") return "Store a string in its place.";
  if (typeof value !== "object" || value === null) return undefined;
  if (types.isPromise(value)) return "Await it, and store what it gives.";
  if (types.isGeneratorObject(value)) return "Store what it yields, as an array: [...values].";
  if (types.isArgumentsObject(value)) return "Store an array: [...arguments].";
  if (types.isSharedArrayBuffer(value)) return "Store a copy of its bytes: new Uint8Array(shared).slice().";
  return undefined;
}
