import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { parseEnv } from "node:util";
import { MillraceError, messageOf } from "../../core/errors/millrace-error.js";
import { sourceName, variableName, type FileSecrets, type SecretSource, type SecretVariables } from "../../core/secret-source.js";
import { environmentVariable } from "../step-environment.js";

type Found = ReadonlyMap<string, string>;

/** What a source holds: one text, or several by name. */
type Content = { readonly kind: "one"; readonly name: string; readonly text: string } | { readonly kind: "several"; readonly values: object };

/**
 * Reads a source of secrets: variables and their values.
 * @throws MillraceError `secret-missing`, `secret-denied`, `secret-unreachable`, `secret-malformed`, `package-not-installed`
 */
export async function readSource(source: SecretSource, step: string): Promise<Found> {
  const named = { step, source: sourceName(source) };
  switch (source.type) {
    case "environment":
      return new Map(source.names.map((name) => [name, environmentVariable(name) ?? missing(named, `${name} is not set`)]));
    case "file":
      return variablesOf(await readSecretFile(source, named), source, named);
    case "aws": {
      const { fetchAwsSecret } = await import("./aws-secrets-manager.js");
      const text = await fetchAwsSecret(source, step);
      return variablesOf(fromText(text, source.id.split(/[/:]/).at(-1) ?? source.id), source, named);
    }
  }
}

type Named = { readonly step: string; readonly source: string };

function missing(named: Named, reason: string): never {
  throw new MillraceError("secret-missing", { ...named, reason });
}

async function readSecretFile({ path, format }: FileSecrets, named: Named): Promise<Content> {
  const text = await readFile(path, "utf8").catch((error: unknown) => missing(named, isAbsent(error) ? "there is no such file" : messageOf(error)));
  const name = path.split(/[/\\]/).at(-1) ?? path;
  switch (format ?? (extname(path) === ".json" ? "json" : "env")) {
    case "text":
      return { kind: "one", name: name.replace(/\.[^.]*$/, ""), text: text.replace(/\r?\n$/, "") };
    case "json": {
      const values = parseObject(text);
      if (values === undefined) throw new MillraceError("secret-malformed", { ...named, problem: "it is no object in JSON" });
      return { kind: "several", values };
    }
    case "env":
      return { kind: "several", values: parseEnv(text) };
  }
}

function fromText(text: string, name: string): Content {
  const values = parseObject(text);
  return values === undefined ? { kind: "one", name, text } : { kind: "several", values };
}

function variablesOf(content: Content, { name, prefix = "", keys }: SecretVariables, named: Named): Found {
  const found = new Map<string, string>();
  const add = (key: string, value: string): void => {
    const variable = variableName(prefix + key);
    if (variable === undefined) {
      const problem = `${prefix}${key} cannot name a variable${/^MILLRACE_/i.test(prefix + key) ? ", as MILLRACE_ is millrace's own" : ""}`;
      throw new MillraceError("secret-malformed", { ...named, problem });
    }
    if (found.has(variable)) throw new MillraceError("secret-malformed", { ...named, problem: `two of its names become ${variable}` });
    found.set(variable, value);
  };
  if (content.kind === "one") {
    if (keys !== undefined) throw new MillraceError("secret-malformed", { ...named, problem: "it is one text, which has no keys" });
    add(name ?? content.name, content.text);
    return found;
  }
  const values = new Map<string, unknown>(Object.entries(content.values));
  if (name !== undefined)
    throw new MillraceError("secret-malformed", { ...named, problem: "it is several values, so the option name fits none: use keys" });
  for (const key of keys ?? values.keys()) {
    const value = values.get(key);
    if (value === undefined || value === null) missing(named, `it has no ${key} (it has ${[...values.keys()].join(", ") || "nothing"})`);
    add(key, typeof value === "string" ? value : JSON.stringify(value));
  }
  return found;
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
