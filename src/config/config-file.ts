import { readFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf, MillraceError } from "../core/errors/millrace-error.js";
import type { JsonObject, JsonValue } from "../core/json.js";
import { nearestName } from "../core/nearest-name.js";
import { findJsonError } from "./json-syntax.js";
import { settingNames } from "./setting-definitions.js";

/** The settings of a project, as its file says them. */
export interface ConfigFile {
  /** For messages: `millrace.config.json`, or `package.json`. */
  readonly name: string;
  /** The folder that relative paths in it start from. */
  readonly folder: string;
  /** Setting by setting, not yet checked for its kind. */
  readonly values: JsonObject;
  /** Parameter values: by flow, then by the parameter's name. */
  readonly parameters: Readonly<Record<string, JsonObject>>;
}

export const CONFIG_FILE = "millrace.config.json";

/**
 * Reads `millrace.config.json` in the project's root or, where there is none, the `"millrace"` key of its package.json.
 * @returns undefined when the project says nothing.
 * @throws MillraceError `config-unreadable`, `config-malformed`, `config-key-unknown`.
 */
export function readConfigFile(root: string): ConfigFile | undefined {
  const own = readJson(root, CONFIG_FILE);
  if (own !== undefined) return checkConfig(CONFIG_FILE, root, own);
  const manifest = readJson(root, "package.json");
  const section = isObject(manifest) ? manifest["millrace"] : undefined;
  return section === undefined ? undefined : checkConfig("package.json", root, section);
}

function readJson(root: string, name: string): JsonValue | undefined {
  let text: string;
  try {
    text = readFileSync(join(root, name), "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw new MillraceError("config-unreadable", { file: name, reason: messageOf(error) }, { cause: error });
  }
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    const found = findJsonError(text);
    throw new MillraceError(
      "config-malformed",
      { file: name, reason: found?.reason ?? messageOf(error) },
      { cause: error, position: found && { file: name, ...placeOf(text, found.offset) } },
    );
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}

function checkConfig(name: string, folder: string, config: JsonValue): ConfigFile {
  const place = name === CONFIG_FILE ? "the file" : "the “millrace” key";
  if (!isObject(config)) throw new MillraceError("config-malformed", { file: name, reason: `${place} should hold an object` });
  const known = [...settingNames, "parameters"];
  for (const key of Object.keys(config)) {
    if (key === "$schema" || known.includes(key)) continue;
    throw new MillraceError("config-key-unknown", { key, file: name, nearest: nearestName(key, known), known: known.join(", ") });
  }
  return { name, folder, values: config, parameters: readParameters(name, config["parameters"]) };
}

function readParameters(file: string, value: JsonValue | undefined): Record<string, JsonObject> {
  if (value === undefined) return {};
  const reason = '“parameters” should hold an object by flow, such as { "ScoreFlow": { "alpha": 0.5 } }';
  if (!isObject(value)) throw new MillraceError("config-malformed", { file, reason });
  const byFlow: Record<string, JsonObject> = {};
  for (const [flow, parameters] of Object.entries(value)) {
    if (!isObject(parameters)) throw new MillraceError("config-malformed", { file, reason });
    byFlow[flow] = parameters;
  }
  return byFlow;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
