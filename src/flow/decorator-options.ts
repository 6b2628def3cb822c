import { inspect } from "node:util";
import type { DecoratorUse } from "../core/definition.js";
import { parseDuration } from "../core/duration.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { JsonValue } from "../core/json.js";
import { nearestName } from "../core/nearest-name.js";
import type { DecoratorRule, OptionKind } from "./decorator-rules.js";

/** An option that is a function; `retry`'s `if` gets the error. */
export type OptionFunction = (error: unknown) => unknown;

/** A decorator as it was applied, with the functions that plain data cannot hold. */
export interface AppliedDecorator {
  readonly use: DecoratorUse;
  readonly functions: Readonly<Record<string, OptionFunction>>;
}

/**
 * Checks a decorator's options and normalises them.
 * @param given The decorator's argument: an object of options, the value of its shorthand option, or nothing.
 * @throws MillraceError `unknown-decorator-option`, `bad-decorator-option`, `bad-decorator-options`.
 */
export function applyRule(rule: DecoratorRule, given: unknown, from: DecoratorUse["from"]): AppliedDecorator {
  const options: Record<string, JsonValue> = {};
  const functions: Record<string, OptionFunction> = {};
  for (const [name, value] of Object.entries(asOptions(rule, given))) {
    if (value === undefined) continue;
    const option = Object.hasOwn(rule.options, name) ? rule.options[name] : undefined;
    if (option === undefined) {
      const known = Object.keys(rule.options);
      throw new MillraceError("unknown-decorator-option", { decorator: rule.name, option: name, nearest: nearestName(name, known), options: known });
    }
    if (option.kind === "function" && isFunction(value)) functions[name] = value;
    else options[name] = readOption(rule, name, option.kind, value);
    if (option.kind === "duration") options[`${name}Ms`] = parseDuration(String(value)) ?? 0;
  }
  for (const [name, option] of Object.entries(rule.options)) {
    if (option.required && options[name] === undefined) {
      throw new MillraceError("bad-decorator-options", { decorator: rule.name, problem: `the option ${name} is missing`, example: rule.example });
    }
  }
  const settled = rule.settle === undefined ? options : rule.settle(options);
  if (typeof settled === "string")
    throw new MillraceError("bad-decorator-options", { decorator: rule.name, problem: settled, example: rule.example });
  const names = Object.keys(functions);
  return { use: { name: rule.name, options: settled, from, ...(names.length > 0 && { functions: names }) }, functions };
}

function asOptions(rule: DecoratorRule, given: unknown): object {
  if (given === undefined) return {};
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return given;
  if (rule.shorthand !== undefined) return { [rule.shorthand]: given };
  throw new MillraceError("bad-decorator-options", {
    decorator: rule.name,
    problem: `${inspect(given, { depth: 1 })} is no object of options`,
    example: rule.example,
  });
}

function readOption(rule: DecoratorRule, name: string, kind: OptionKind, value: unknown): JsonValue {
  const { accepts } = kinds[kind];
  if (accepts(value) && isJson(value)) return value;
  const expected = kind === "duration" ? 'a duration such as "30s", "5m", "2h" or "1d"' : optionExpectation(kind);
  throw new MillraceError("bad-decorator-option", { decorator: rule.name, option: name, value: inspect(value, { depth: 1 }), expected });
}

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isCount = (value: unknown): boolean => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isAmount = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value) && value >= 0;
const isObject = (value: unknown): value is object => typeof value === "object" && value !== null && !Array.isArray(value);

/** What each kind of option takes, and how an error says so. */
const kinds: Readonly<Record<OptionKind, { readonly expected: string; accepts(value: unknown): boolean }>> = {
  count: { expected: "a whole number from 0", accepts: isCount },
  whole: { expected: "a whole number from 1", accepts: (value) => isCount(value) && value !== 0 },
  amount: { expected: "a number from 0", accepts: isAmount },
  factor: { expected: "a number from 1", accepts: (value) => isAmount(value) && Number(value) >= 1 },
  duration: {
    expected: "a duration",
    accepts: (value) => typeof value === "string" && parseDuration(value) !== undefined,
  },
  flag: { expected: "true or false", accepts: (value) => typeof value === "boolean" },
  text: { expected: "a text", accepts: isText },
  texts: { expected: "a list of texts", accepts: (value) => Array.isArray(value) && value.every(isText) },
  "text-map": {
    expected: "an object whose values are texts",
    accepts: (value) => isObject(value) && Object.values(value).every((item) => typeof item === "string"),
  },
  list: { expected: "a list", accepts: (value) => Array.isArray(value) && value.length > 0 },
  json: { expected: "a value that JSON can say", accepts: () => true },
  function: { expected: "a function", accepts: () => false },
};

/** What an option takes, in words. */
export function optionExpectation(kind: OptionKind): string {
  return kinds[kind].expected;
}

function isFunction(value: unknown): value is OptionFunction {
  return typeof value === "function";
}

function isJson(value: unknown): value is JsonValue {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return isObject(value) && Object.values(value).every(isJson);
}
