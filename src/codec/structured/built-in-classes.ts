import { types } from "node:util";
import { namedKeys } from "./array-form.js";
import { ERROR_CLASSES } from "./format.js";

/** A prototype of that built-in class in another realm (a `vm` context). */
export function isForeign(prototype: unknown, name: string): boolean {
  if (typeof prototype !== "object" || prototype === null || !Object.hasOwn(prototype, "constructor")) return false;
  const maker: unknown = Reflect.get(prototype, "constructor");
  return typeof maker === "function" && maker.name === name && maker !== Reflect.get(globalThis, name) && isNative(maker);
}

function isNative(maker: object): boolean {
  return /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(maker));
}

/** A direct instance of the built-in class, with no properties of its own. */
export function isExactly(value: object, prototype: unknown, name: string): boolean {
  if (prototype !== Reflect.get(Reflect.get(globalThis, name) as object, "prototype") && !isForeign(prototype, name)) return false;
  const own = name === "String" ? namedKeys(value as readonly unknown[]) : Object.keys(value);
  return own.length === 0 && Object.getOwnPropertySymbols(value).length === 0;
}

export function boxName(value: object): string {
  return types.isNumberObject(value)
    ? "Number"
    : types.isStringObject(value)
      ? "String"
      : types.isBooleanObject(value)
        ? "Boolean"
        : types.isBigIntObject(value)
          ? "BigInt"
          : "Symbol";
}

/** The number of an error's class; -1 for others than the standard ones. */
export function errorKindOf(prototype: unknown): number {
  return ERROR_CLASSES.findIndex((name) => prototype === errorPrototype(name) || isForeign(prototype, name));
}

function errorPrototype(name: string): unknown {
  const found: unknown = Reflect.get(globalThis, name);
  return typeof found === "function" ? found.prototype : undefined;
}

const HIDDEN_ERROR_PROPERTIES = new Set(["message", "stack", "cause", "errors", "error", "suppressed"]);

/** What an error shows, and its stack, wherever V8 keeps it; hidden properties that libraries hang on errors are left out. */
export function errorKeys(error: Error): string[] {
  const own = Object.getOwnPropertyNames(error);
  const names = own.includes("stack") || typeof error.stack !== "string" ? own : ["stack", ...own];
  return names.filter((key) => HIDDEN_ERROR_PROPERTIES.has(key) || Object.prototype.propertyIsEnumerable.call(error, key));
}
