import { inspect, types } from "node:util";

/** What was thrown, read with care: a property may be a getter that throws, the message may be huge, or it is no error at all. */
export interface ThrownValue {
  /** The error's class; for what is no error, what it is: `string`, `object`. */
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: unknown;
  /** The errors of an AggregateError. */
  readonly errors: readonly unknown[];
  readonly isError: boolean;
}

/** Characters kept of a message or a stack. */
const maxText = 64 * 1024;

/** Own properties that say what happened and are short, in the order they are shown. */
const telling = ["code", "status", "statusCode", "signal", "exitCode"];

export function readThrown(value: unknown): ThrownValue {
  if (!isErrorLike(value)) {
    const text = typeof value === "string" ? value : value === undefined || value === null ? "" : shown(value);
    return {
      name: `thrown ${value === null ? "null" : typeof value}`,
      message: shorten(text),
      stack: undefined,
      cause: undefined,
      errors: [],
      isError: false,
    };
  }
  const message = textOf(read(value, "message"));
  const stack = read(value, "stack");
  const errors = read(value, "errors");
  return {
    name: nameOf(value),
    message: shorten(message + extras(value, message)),
    stack: typeof stack === "string" ? shorten(stack) : undefined,
    cause: read(value, "cause"),
    errors: Array.isArray(errors) ? errors : [],
    isError: true,
  };
}

/** An error of this or another realm, or an object that is shaped like one. */
function isErrorLike(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  if (types.isNativeError(value)) return true;
  return typeof read(value, "message") === "string" && typeof read(value, "name") === "string";
}

function nameOf(error: object): string {
  const name = read(error, "name");
  const made = read(error, "constructor");
  const className = typeof made === "function" ? read(made, "name") : undefined;
  // Subclasses that set no name of their own say “Error”, while their class says more.
  const best =
    (name === "Error" || typeof name !== "string") && typeof className === "string" && className !== "" && className !== "Object" ? className : name;
  return typeof best === "string" && best !== "" ? shorten(best) : "Error";
}

function extras(error: object, message: string): string {
  const parts = telling.flatMap((key) => {
    const value = Object.hasOwn(error, key) ? read(error, key) : undefined;
    const isShort = (typeof value === "string" && value !== "" && value.length <= 100) || typeof value === "number";
    return isShort && !message.includes(String(value)) ? [`${key}: ${String(value)}`] : [];
  });
  if (parts.length === 0) return "";
  return message === "" ? parts.join(", ") : ` (${parts.join(", ")})`;
}

function read(target: object, key: string): unknown {
  try {
    return Reflect.get(target, key);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : shown(value);
}

function shown(value: unknown): string {
  try {
    return inspect(value, { depth: 3, breakLength: 120, maxArrayLength: 20, maxStringLength: 10_000 });
  } catch {
    return `a value of type ${typeof value} that cannot be shown`;
  }
}

function shorten(text: string): string {
  return text.length <= maxText ? text : `${text.slice(0, maxText)}… (${text.length - maxText} more characters)`;
}
