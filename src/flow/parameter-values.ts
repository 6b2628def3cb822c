import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { inspect } from "node:util";
import { messageOf, MillraceError } from "../core/errors/millrace-error.js";
import type { GivenParameter, GivenParameters } from "../core/given-parameters.js";
import { nearestName } from "../core/nearest-name.js";
import { validateWithSchema } from "./parameter-schema.js";
import type { FileSource, ParameterDefault, ParameterSpec, ValueSource } from "./parameter-source.js";
import { convertValue, exactValue } from "./parameter-text.js";
import { describeType, isOfType, typeOfDefault } from "./parameter-type.js";

export interface ParameterRequest {
  readonly specs: readonly ParameterSpec[];
  readonly given: GivenParameters;
  /** The folder of the flow's file: what a default path of `includeFile` is relative to. */
  readonly flowDir: string;
  /** What a given path is relative to. */
  readonly cwd: string;
}

export interface ParameterValues {
  /** By field name, of every parameter that has no problem. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly problems: readonly MillraceError[];
}

/**
 * The values that a run's parameters have: what was given, its type applied, else the default. Functions that make
 * defaults are called here, in source order, for parameters that were not given; files are read here.
 */
export async function resolveParameters(request: ParameterRequest): Promise<ParameterValues> {
  const problems = findUnknown(request);
  const values: Record<string, unknown> = {};
  for (const spec of request.specs) {
    const { name } = spec.definition;
    const given = Object.hasOwn(request.given, name) ? request.given[name] : undefined;
    try {
      values[name] =
        spec.source.kind === "file" ? await resolveFile(spec, spec.source, given, request) : await resolveValue(spec, spec.source, given);
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      problems.push(error);
    }
  }
  return { values, problems };
}

function findUnknown({ specs, given }: ParameterRequest): MillraceError[] {
  const parameters = specs.map((spec) => spec.definition.name);
  return Object.entries(given)
    .filter(([name]) => !parameters.includes(name))
    .map(([name, { source }]) => new MillraceError("unknown-parameter", { name, source, nearest: nearestName(name, parameters), parameters }));
}

async function resolveValue(spec: ParameterSpec, source: ValueSource, given: GivenParameter | undefined): Promise<unknown> {
  const { name } = spec.definition;
  if (given === undefined) return resolveDefault(spec, source);
  if (source.schema !== undefined) {
    const result = await validateWithSchema(source.schema, given.value);
    if ("value" in result) return result.value;
    throw new MillraceError("parameter-refused", { name, source: given.source, value: inspect(given.value), issues: result.issues });
  }
  // The type of a default that a function makes is known by making it.
  const type = source.type === undefined ? typeOfDefault(await resolveDefault(spec, source)) : { type: source.type, list: source.list };
  const converted = given.exact === true ? exactValue(given.value, type) : convertValue(given.value, type);
  if (converted !== "refused") return converted.value;
  throw new MillraceError("bad-parameter-value", { name, source: given.source, value: inspect(given.value), expected: describeType(type) });
}

async function resolveDefault(spec: ParameterSpec, source: ValueSource): Promise<unknown> {
  const { name } = spec.definition;
  if (source.default === undefined) {
    const own = source.schema === undefined ? undefined : await validateWithSchema(source.schema, undefined);
    if (own !== undefined && "value" in own) return own.value;
    if (source.required === false) return undefined;
    throw missing(spec, source.type === undefined ? "TEXT" : describeType({ type: source.type, list: source.list }));
  }
  const value = await evaluate(name, source.default);
  const type = source.type === undefined ? undefined : { type: source.type, list: source.list };
  if (type !== undefined && value !== null && !isOfType(value, type)) {
    throw new MillraceError("bad-parameter-default", { name, value: inspect(value, { depth: 1 }), expected: describeType(type) });
  }
  return value;
}

async function resolveFile(spec: ParameterSpec, source: FileSource, given: GivenParameter | undefined, request: ParameterRequest): Promise<unknown> {
  const { name } = spec.definition;
  if (given === undefined && source.default === undefined) {
    if (source.required === false) return undefined;
    throw missing(spec, "a file's path");
  }
  const path = given === undefined ? await evaluate(name, source.default ?? { value: undefined }) : given.value;
  const from = given === undefined ? "The default" : given.source;
  if (typeof path !== "string" || path === "") {
    throw new MillraceError("bad-parameter-value", { name, source: from, value: inspect(path), expected: "a file's path" });
  }
  const base = given === undefined ? request.flowDir : request.cwd;
  const file = resolve(base, path);
  try {
    return source.encoding === null ? await readFile(file) : await readFile(file, source.encoding);
  } catch (error) {
    const where = given === undefined ? "the flow's folder" : "the current folder";
    throw new MillraceError(
      "parameter-file-unreadable",
      { name, flag: given === undefined ? spec.definition.flag : undefined, source: from, file, reason: reasonOf(error), base: `${where}, ${base}` },
      { cause: error },
    );
  }
}

function missing(spec: ParameterSpec, expected: string): MillraceError {
  return new MillraceError("parameter-missing", { name: spec.definition.name, flag: spec.definition.flag, expected });
}

async function evaluate(name: string, fallback: ParameterDefault): Promise<unknown> {
  if ("value" in fallback) return fallback.value;
  try {
    return await fallback.make();
  } catch (error) {
    throw new MillraceError("parameter-default-failed", { name, reason: messageOf(error) }, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  const code: unknown = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "it is a folder";
  if (code === "EACCES") return "reading it is not permitted";
  return messageOf(error);
}
