import { findDecorator } from "./definition.js";
import type { JsonObject, JsonValue } from "./json.js";

/** Where the secrets of a step come from. A text is short for one of these: `env:NAME`, `file:PATH`, `aws:ID`, or just an AWS id. */
export type SecretSource = EnvironmentSecrets | FileSecrets | AwsSecrets;

/** Variables that the process which runs the step finds in its environment: they are hidden in what it prints. */
export interface EnvironmentSecrets {
  readonly type: "environment";
  readonly names: readonly string[];
}

/** How what is read becomes variables. */
export interface SecretVariables {
  /** The variable of a secret that is one text; from its own name when absent. */
  readonly name?: string;
  /** Stands before the name of each variable. */
  readonly prefix?: string;
  /** Of several, those that are wanted; all when absent. */
  readonly keys?: readonly string[];
}

/** A file of the machine that runs the step. */
export interface FileSecrets extends SecretVariables {
  readonly type: "file";
  /** From the folder of the run when it is relative. */
  readonly path: string;
  /** `env`: NAME=value lines; `json`: an object; `text`: the file is one secret. `json` for files of that suffix, or else `env`, when absent. */
  readonly format?: "env" | "json" | "text";
}

/** A secret of AWS Secrets Manager: an object in JSON is several variables, anything else is one. */
export interface AwsSecrets extends SecretVariables {
  readonly type: "aws";
  /** Name or ARN. */
  readonly id: string;
  readonly region?: string;
  /** `AWSCURRENT` when absent; a stage's label. */
  readonly stage?: string;
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const FORMATS = ["env", "json", "text"] as const;

/** The options that each type takes. */
const OPTIONS: Readonly<Record<SecretSource["type"], readonly string[]>> = {
  environment: ["names"],
  file: ["path", "format", "name", "prefix", "keys"],
  aws: ["id", "region", "stage", "name", "prefix", "keys"],
};

/** Reads one of `@secrets`' sources; a text is what is wrong with it. */
export function parseSecretSource(given: JsonValue): SecretSource | string {
  if (typeof given === "string") return fromText(given);
  if (typeof given !== "object" || given === null || Array.isArray(given)) return `${JSON.stringify(given)} is no source: ${HOW}`;
  return fromOptions(given as JsonObject);
}

/** The sources of a step's `@secrets`; none without it. */
export function secretSources(step: Parameters<typeof findDecorator>[0]): readonly SecretSource[] {
  const sources = findDecorator(step, "secrets")?.options["sources"];
  return Array.isArray(sources) ? sources.map(parseSecretSource).filter((source) => typeof source !== "string") : [];
}

const HOW = 'give a text such as "env:TOKEN", "file:secrets.env" or "aws:database-login", or an object with its type';

function fromText(text: string): SecretSource | string {
  const [, kind, rest] = /^(env|file|aws):(.+)$/.exec(text) ?? [];
  if (kind === "env") return rest !== undefined && VARIABLE.test(rest) ? { type: "environment", names: [rest] } : `“${rest}” cannot name a variable`;
  if (kind === "file" && rest !== undefined) return { type: "file", path: rest };
  const id = kind === "aws" ? rest : text;
  if (id === undefined || id.trim() === "" || (/^[a-z]+:/.test(id) && !id.startsWith("arn:"))) return `“${text}” is no source: ${HOW}`;
  return { type: "aws", id };
}

function fromOptions(given: JsonObject): SecretSource | string {
  const { type } = given;
  if (type !== "environment" && type !== "file" && type !== "aws") {
    return `a source's type is environment, file or aws, not ${JSON.stringify(type) ?? "left out"}`;
  }
  const unknown = Object.keys(given).find((name) => name !== "type" && !OPTIONS[type].includes(name));
  if (unknown !== undefined) return `a source of type ${type} has no option ${unknown} (it takes ${OPTIONS[type].join(", ")})`;
  if (type === "environment") {
    const names = texts(given["names"]);
    if (names === undefined || names.length === 0) return 'a source of type environment names its variables: names: ["TOKEN"]';
    const bad = names.find((name) => !VARIABLE.test(name));
    return bad === undefined ? { type, names } : `“${bad}” cannot name a variable`;
  }
  const variables = readVariables(given);
  if (typeof variables === "string") return variables;
  const region = given["region"];
  const stage = given["stage"];
  if (type === "aws") {
    const { id } = given;
    if (typeof id !== "string" || id === "") return "a source of type aws has an id: the secret's name or ARN";
    if ((region !== undefined && typeof region !== "string") || (stage !== undefined && typeof stage !== "string"))
      return "region and stage are texts";
    return { type, id, ...variables, ...(region !== undefined && { region }), ...(stage !== undefined && { stage }) };
  }
  const { path } = given;
  const format = FORMATS.find((name) => name === given["format"]);
  if (typeof path !== "string" || path === "") return "a source of type file has a path";
  if (given["format"] !== undefined && format === undefined) return `a file's format is env, json or text, not ${JSON.stringify(given["format"])}`;
  return { type, path, ...variables, ...(format !== undefined && { format }) };
}

function readVariables({ name, prefix, keys }: JsonObject): SecretVariables | string {
  if (name !== undefined && (typeof name !== "string" || !VARIABLE.test(name))) return `${JSON.stringify(name)} cannot name a variable`;
  if (prefix !== undefined && (typeof prefix !== "string" || !VARIABLE.test(prefix)))
    return `${JSON.stringify(prefix)} cannot begin a variable's name`;
  const wanted = keys === undefined ? undefined : texts(keys);
  if (keys !== undefined && (wanted === undefined || wanted.length === 0)) return 'keys is a list of names: ["username", "password"]';
  if (name !== undefined && wanted !== undefined)
    return "name is for a secret that is one text, keys for one that is several: they exclude each other";
  return { ...(name !== undefined && { name }), ...(prefix !== undefined && { prefix }), ...(wanted !== undefined && { keys: wanted }) };
}

function texts(value: JsonValue | undefined): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const found = value.filter((item) => typeof item === "string" && item !== "");
  return found.length === value.length ? (found as string[]) : undefined;
}

/** What people call a source in messages. */
export function sourceName(source: SecretSource): string {
  switch (source.type) {
    case "environment":
      return `the environment (${source.names.join(", ")})`;
    case "file":
      return `the file ${source.path}`;
    case "aws":
      return `AWS Secrets Manager (${source.id})`;
  }
}

/** A variable's name: dots, dashes and slashes become underscores. Undefined for what cannot be one, or is millrace's own. */
export function variableName(text: string): string | undefined {
  const name = text.replaceAll(/[-./]/g, "_");
  return VARIABLE.test(name) && !/^MILLRACE_/i.test(name) ? name : undefined;
}
