import type { DecoratorUse } from "../core/definition.js";
import type { GraphStep } from "../core/graph.js";
import type { JsonValue } from "../core/json.js";

/** A decorator as it would be written: `@retry({ times: 2 })`. */
export function describeDecorator({ name, options, functions = [] }: DecoratorUse): string {
  const given = Object.entries(options).filter(([option]) => !isDerived(name, option, options));
  const [only, ...others] = given;
  if (name === "timeout" && only?.[0] === "duration" && others.length === 0) return `@${name}(${JSON.stringify(only[1])})`;
  const written = [...given.map(([option, value]) => `${option}: ${describeValue(value)}`), ...functions.map((option) => `${option}: function`)];
  return written.length === 0 ? `@${name}` : `@${name}({ ${written.join(", ")} })`;
}

/** What a step does when it is done, in words; undefined for end. */
export function describeNext({ kind, next }: GraphStep): string | undefined {
  const [only] = next;
  switch (kind) {
    case "end":
      return undefined;
    case "linear":
      return only;
    case "foreach":
      return `${only}, for each item`;
    case "split":
      return list(next, "and");
    case "switch":
      return list(next, "or");
  }
}

function list(names: readonly string[], word: "and" | "or"): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} ${word} ${names.at(-1)}`;
}

/** Milliseconds stand beside the duration that they were read from. */
function isDerived(decorator: string, option: string, options: DecoratorUse["options"]): boolean {
  return option.endsWith("Ms") && (decorator === "timeout" || options[option.slice(0, -2)] !== undefined);
}

function describeValue(value: JsonValue): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(describeValue).join(", ")}]`;
  const entries = Object.entries(value).map(
    ([name, item]) => `${/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)}: ${describeValue(item)}`,
  );
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}
