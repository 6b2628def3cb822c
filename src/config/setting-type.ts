import { parseDuration } from "../core/duration.js";
import type { JsonValue } from "../core/json.js";

/** A kind of setting: how its values read as text (command line, environment) and in a configuration file. */
export interface SettingType<T> {
  /** For messages: “a whole number from 1”. */
  readonly expected: string;
  /** Undefined when the text is no such value. */
  fromText(text: string): T | undefined;
  /** Undefined when the JSON value is no such value. */
  fromJson(value: JsonValue): T | undefined;
  /** Takes several values from the command line: each is read with {@link fromText} and they are put together. */
  readonly join?: (values: readonly T[]) => T;
}

/** A whole number from 1 up. */
export const positiveInteger: SettingType<number> = {
  expected: "a whole number from 1",
  fromText: (text) => (/^\s*\+?\d+\s*$/.test(text) ? wholeFromOne(Number(text)) : undefined),
  fromJson: (value) => (typeof value === "number" ? wholeFromOne(value) : undefined),
};

/** A number above 0. */
export const positiveNumber: SettingType<number> = {
  expected: "a number above 0",
  fromText: (text) => (text.trim() === "" ? undefined : aboveZero(Number(text))),
  fromJson: (value) => (typeof value === "number" ? aboveZero(value) : undefined),
};

/** A duration, in milliseconds. */
export const duration: SettingType<number> = {
  expected: "a duration such as 30s or 5m",
  fromText: parseDuration,
  fromJson: (value) => (typeof value === "string" ? parseDuration(value) : undefined),
};

export const flag: SettingType<boolean> = {
  expected: "true or false",
  fromText: (text) => BOOLEANS.get(text.trim().toLowerCase()),
  fromJson: (value) => (typeof value === "boolean" ? value : undefined),
};

/** Any text but the empty one. */
export const text: SettingType<string> = {
  expected: "a text",
  fromText: (value) => (value === "" ? undefined : value),
  fromJson: (value) => (typeof value === "string" && value !== "" ? value : undefined),
};

/** One of the given words. */
export function oneOf<W extends string>(words: readonly W[]): SettingType<W> {
  const find = (value: unknown): W | undefined => words.find((word) => word === value);
  return { expected: words.join(", ").replace(/, ([^,]*)$/, " or $1"), fromText: find, fromJson: find };
}

/** Several texts; in one text they are divided by the separator. Empty entries are left out. */
export function textList(separator: string): SettingType<readonly string[]> {
  const split = (value: string): string[] =>
    value
      .split(separator)
      .map((part) => part.trim())
      .filter((part) => part !== "");
  return {
    expected: `a list of texts${separator === "," ? " (a,b)" : ` divided by “${separator}”`}`,
    fromText: split,
    fromJson: (value) => {
      if (typeof value === "string") return split(value);
      return isTextArray(value) ? value : undefined;
    },
    join: (values) => values.flat(),
  };
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["yes", true],
  ["on", true],
  ["false", false],
  ["0", false],
  ["no", false],
  ["off", false],
]);

const wholeFromOne = (value: number): number | undefined => (Number.isSafeInteger(value) && value >= 1 ? value : undefined);
const aboveZero = (value: number): number | undefined => (Number.isFinite(value) && value > 0 ? value : undefined);

function isTextArray(value: JsonValue): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}
