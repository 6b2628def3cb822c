import type { DecoratorUse } from "../core/definition.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { JsonValue } from "../core/json.js";
import { nearestName } from "../core/nearest-name.js";
import { applyRule } from "./decorator-options.js";
import { findRule, listRules } from "./decorator-rules.js";

/**
 * Reads the text of `--with`: a decorator's name, then options, `retry:times=2,delay=5s`. A value is JSON where it reads
 * as such (`[1,2]`, `true`), a text otherwise. A decorator with a shorthand takes its one value alone: `timeout:5m`.
 * @throws MillraceError `unknown-decorator`, `bad-with`, and those of a decorator's options.
 */
export function parseWith(text: string): DecoratorUse {
  const colon = text.indexOf(":");
  const name = (colon < 0 ? text : text.slice(0, colon)).trim();
  const rule = findRule(name, "step");
  if (rule === undefined) {
    const available = listRules("step").map((known) => known.name);
    const [start = "", value = ""] = name.split("=", 2);
    if (findRule(start.trim(), "step") !== undefined)
      throw new MillraceError("with-without-colon", { text, meant: `${start.trim()}:${value}${text.slice(name.length)}` });
    throw new MillraceError("unknown-decorator", { name, nearest: nearestName(name, available), available });
  }
  const given: Record<string, JsonValue> = {};
  const written = colon < 0 ? "" : text.slice(colon + 1).trim();
  for (const part of written === "" ? [] : splitOptions(written)) {
    const [, option, value] = /^\s*(\w+)\s*=(.*)$/s.exec(part) ?? [undefined, rule.shorthand, part];
    if (option === undefined || value === undefined || value.trim() === "") throw new MillraceError("bad-with", { text, part });
    const kind = rule.options[option]?.kind;
    given[option] = kind === "duration" || kind === "text" ? value.trim() : readValue(value.trim());
  }
  return applyRule(rule, given, "with").use;
}

/** Commas that stand outside brackets and quotes part the options. */
function splitOptions(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  for (const { 0: mark, index } of text.matchAll(/"(?:\\.|[^"\\])*"|[[\]{},]/g)) {
    if (mark === "[" || mark === "{") depth++;
    else if (mark === "]" || mark === "}") depth--;
    else if (mark === "," && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function readValue(text: string): JsonValue {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}
