import type { JsonValue } from "../core/json.js";
import type { ValueType } from "./parameter-source.js";
import { isOfType, type TypeOfValue } from "./parameter-type.js";

export type Conversion = { readonly value: unknown } | "refused";

/**
 * Applies a parameter's type to a value from a command line, environment or file (text), or from JSON (which may be of
 * the type already). Lists are parted by commas, or written as a JSON array.
 */
export function convertValue(given: JsonValue, { type, list }: TypeOfValue): Conversion {
  if (!list) return convertOne(given, type);
  const items = typeof given === "string" ? listItems(given, type) : Array.isArray(given) ? given : [given];
  if (items === undefined) return "refused";
  const values: unknown[] = [];
  for (const item of items) {
    const converted = convertOne(item, type);
    if (converted === "refused") return "refused";
    values.push(converted.value);
  }
  return { value: values };
}

/** A value that code gave: it is of the type, or it is refused. */
export function exactValue(given: JsonValue, type: TypeOfValue): Conversion {
  return isOfType(given, type) ? { value: given } : "refused";
}

function listItems(text: string, type: ValueType): readonly JsonValue[] | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return [];
  if (trimmed.startsWith("[") || type === "json") {
    const parsed = parseJson(trimmed);
    if (parsed !== undefined && Array.isArray(parsed.value)) return parsed.value;
    if (type === "json") return undefined;
  }
  return trimmed.split(",").map((item) => item.trim());
}

function convertOne(given: JsonValue, type: ValueType): Conversion {
  if (typeof given !== "string") {
    if (type === "string") return typeof given === "number" || typeof given === "boolean" ? { value: String(given) } : "refused";
    return isOfType(given, { type, list: false }) ? { value: given } : "refused";
  }
  switch (type) {
    case "string":
    case "schema":
      return { value: given };
    case "number":
      return convertNumber(given);
    case "int": {
      const number = convertNumber(given);
      return number !== "refused" && Number.isSafeInteger(number.value) ? number : "refused";
    }
    case "boolean":
      return convertBoolean(given);
    case "json":
      return parseJson(given) ?? "refused";
  }
}

function convertNumber(text: string): Conversion {
  const value = Number(text);
  return text.trim() === "" || Number.isNaN(value) ? "refused" : { value };
}

function convertBoolean(text: string): Conversion {
  switch (text.trim().toLowerCase()) {
    case "true":
    case "1":
    case "yes":
      return { value: true };
    case "false":
    case "0":
    case "no":
      return { value: false };
    default:
      return "refused";
  }
}

/** The value of a JSON text, undefined when it is none. */
export function parseJson(text: string): { readonly value: JsonValue } | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return { value };
  } catch {
    return undefined;
  }
}
