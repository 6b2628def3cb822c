import type { ValueType } from "./parameter-source.js";

/** The type of a parameter and whether it is a list of such. */
export interface TypeOfValue {
  readonly type: ValueType;
  readonly list: boolean;
}

/** The type that follows from a default: its own, a list of it for an array of one scalar kind, else JSON. */
export function typeOfDefault(value: unknown): TypeOfValue {
  if (!Array.isArray(value)) return { type: scalarType(value) ?? "json", list: false };
  const items: readonly unknown[] = value;
  const first = items.length === 0 ? "string" : scalarType(items[0]);
  const uniform = first !== undefined && items.every((item) => scalarType(item) === first);
  return uniform ? { type: first, list: true } : { type: "json", list: false };
}

function scalarType(value: unknown): "string" | "number" | "boolean" | undefined {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? typeNames[typeof value] : undefined;
}

const typeNames: Readonly<Record<string, "string" | "number" | "boolean">> = { string: "string", number: "number", boolean: "boolean" };

/** Is the value, made by code, of the type? Anything goes for `json` and `schema`. */
export function isOfType(value: unknown, { type, list }: TypeOfValue): boolean {
  if (list) return Array.isArray(value) && value.every((item) => isOfType(item, { type, list: false }));
  switch (type) {
    case "string":
    case "number":
    case "boolean":
      return typeof value === type;
    case "int":
      return Number.isSafeInteger(value);
    case "json":
    case "schema":
      return true;
  }
}

const expectations: Readonly<Record<ValueType, readonly [one: string, several: string]>> = {
  string: ["a text", "texts, parted by commas"],
  number: ["a number", "numbers, parted by commas"],
  int: ["a whole number", "whole numbers, parted by commas"],
  boolean: ["true or false", "true and false, parted by commas"],
  json: ["JSON", "a JSON array"],
  schema: ["a value that its schema takes", "values that its schema takes"],
};

/** What a parameter takes, in words. */
export function describeType({ type, list }: TypeOfValue): string {
  return expectations[type][list ? 1 : 0];
}
