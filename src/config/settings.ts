import { userInfo } from "node:os";
import { MillraceError } from "../core/errors/millrace-error.js";
import { nearestName } from "../core/nearest-name.js";
import { readConfigFile, type ConfigFile } from "./config-file.js";
import { locateDatastore } from "./datastore-location.js";
import type { JsonValue } from "../core/json.js";
import type { StoreAddress } from "../core/store-address.js";
import type { Environment } from "./environment.js";
import { settingDefinitions, settingNames, type SettingDefinition, type SettingName, type SettingValues } from "./setting-definitions.js";

/** Where a setting's value comes from. */
export interface SettingSource {
  readonly kind: "command-line" | "program" | "environment" | "file" | "default";
  /** For messages: `--max-workers`, `maxWorkers`, `MILLRACE_MAX_WORKERS`, `maxWorkers in millrace.config.json`. */
  readonly name: string;
}

/** What the command line said: for each setting, every value as text, in order. */
export type SettingFlags = { readonly [K in SettingName]?: readonly string[] };

/** What a program said, as values. */
export type GivenSettings = { readonly [K in SettingName]?: JsonValue };

/** Everything that can be set, from the command line or a program, the environment and the project's file, in that order. */
export interface Settings extends SettingValues {
  /** The project's root, absolute. */
  readonly root: string;
  /** The datastore's place. */
  readonly datastoreAddress: StoreAddress;
  /** Who runs, as the settings or the operating system say. */
  readonly userName: string;
  /** Bytes of output kept a task. */
  readonly maxLogBytes: number;
  readonly sources: { readonly [K in SettingName]: SettingSource };
  readonly file: ConfigFile | undefined;
  /** Mistakes that stop nothing: variables that look like settings and are none. */
  readonly warnings: readonly string[];
}

export interface SettingInputs {
  /** The project's root: where the configuration file and the default datastore are. */
  readonly root: string;
  /** The folder that relative paths of the command line and environment start from. */
  readonly cwd: string;
  readonly environment: Environment;
  readonly flags?: SettingFlags;
  readonly given?: GivenSettings;
}

const MEGABYTE = 1024 * 1024;

/**
 * Puts the settings together: command line (or program) first, then environment, then the project's file, then defaults.
 * @throws MillraceError with exit code 2 for a value that is not of its setting's kind, and for a bad file.
 */
export function readSettings(inputs: SettingInputs): Settings {
  const file = readConfigFile(inputs.root);
  const reader = new SettingReader(inputs, file);
  const values: SettingValues = {
    datastore: reader.read("datastore"),
    s3Root: reader.read("s3Root"),
    s3Region: reader.read("s3Region"),
    s3Endpoint: reader.read("s3Endpoint"),
    s3PathStyle: reader.read("s3PathStyle"),
    s3Patience: reader.read("s3Patience"),
    cache: reader.read("cache"),
    cacheSize: reader.read("cacheSize"),
    maxWorkers: reader.read("maxWorkers"),
    maxNumSplits: reader.read("maxNumSplits"),
    maxLogSize: reader.read("maxLogSize"),
    tags: reader.read("tags"),
    with: reader.read("with"),
    keepGoing: reader.read("keepGoing"),
    packageSuffixes: reader.read("packageSuffixes"),
    external: reader.read("external"),
    platform: reader.read("platform"),
    namespace: reader.read("namespace"),
    branch: reader.read("branch"),
    production: reader.read("production"),
    runIdFile: reader.read("runIdFile"),
    quiet: reader.read("quiet"),
    json: reader.read("json"),
    color: reader.read("color"),
    user: reader.read("user"),
    batchQueue: reader.read("batchQueue"),
    batchImage: reader.read("batchImage"),
    batchJobRole: reader.read("batchJobRole"),
    batchExecutionRole: reader.read("batchExecutionRole"),
    slurmPartition: reader.read("slurmPartition"),
    slurmAccount: reader.read("slurmAccount"),
    slurmSetup: reader.read("slurmSetup"),
    slurmNode: reader.read("slurmNode"),
    slurmLogs: reader.read("slurmLogs"),
  };
  const { sources } = reader;
  return {
    ...values,
    root: inputs.root,
    datastoreAddress: locateDatastore(values, sources, inputs),
    userName: values.user ?? systemUser(inputs.environment),
    maxLogBytes: Math.round(values.maxLogSize * MEGABYTE),
    sources,
    file,
    warnings: unknownVariables(inputs.environment),
  };
}

class SettingReader {
  readonly sources: { [K in SettingName]: SettingSource };
  readonly #inputs: SettingInputs;
  readonly #file: ConfigFile | undefined;

  constructor(inputs: SettingInputs, file: ConfigFile | undefined) {
    this.#inputs = inputs;
    this.#file = file;
    const nothing: SettingSource = { kind: "default", name: "the default" };
    this.sources = Object.fromEntries(settingNames.map((name) => [name, nothing])) as { [K in SettingName]: SettingSource };
  }

  read<K extends SettingName>(name: K): SettingValues[K] {
    const definition: SettingDefinition<SettingValues[K]> = settingDefinitions[name];
    return (
      this.#fromFlags(name, definition) ??
      this.#fromProgram(name, definition) ??
      this.#fromEnvironment(name, definition) ??
      this.#fromFile(name, definition) ??
      definition.fallback
    );
  }

  #fromFlags<K extends SettingName>(name: K, { option, type }: SettingDefinition<SettingValues[K]>): SettingValues[K] | undefined {
    const texts = this.#inputs.flags?.[name];
    if (option === undefined || texts === undefined || texts.length === 0) return undefined;
    const source: SettingSource = { kind: "command-line", name: `--${option}` };
    const values = texts.map((text) => type.fromText(text) ?? refuse(source, `“${text}”`, type.expected));
    this.sources[name] = source;
    return type.join === undefined ? values.at(-1) : type.join(values);
  }

  #fromProgram<K extends SettingName>(name: K, { type }: SettingDefinition<SettingValues[K]>): SettingValues[K] | undefined {
    const value = this.#inputs.given?.[name];
    if (value === undefined) return undefined;
    const source: SettingSource = { kind: "program", name };
    this.sources[name] = source;
    return type.fromJson(value) ?? refuse(source, JSON.stringify(value), type.expected);
  }

  #fromEnvironment<K extends SettingName>(name: K, { variable, type }: SettingDefinition<SettingValues[K]>): SettingValues[K] | undefined {
    const text = this.#inputs.environment[variable];
    if (text === undefined || text === "") return undefined;
    const source: SettingSource = { kind: "environment", name: variable };
    this.sources[name] = source;
    return type.fromText(text) ?? refuse(source, `“${text}”`, type.expected);
  }

  #fromFile<K extends SettingName>(name: K, { type }: SettingDefinition<SettingValues[K]>): SettingValues[K] | undefined {
    const value = this.#file?.values[name];
    if (this.#file === undefined || value === undefined) return undefined;
    const source: SettingSource = { kind: "file", name: `${name} in ${this.#file.name}` };
    this.sources[name] = source;
    return type.fromJson(value) ?? refuse(source, JSON.stringify(value), type.expected);
  }
}

function refuse(source: SettingSource, value: string, expected: string): never {
  throw new MillraceError("bad-option-value", { source: source.name, value, expected });
}

function systemUser(environment: Environment): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that no user has.
    return environment["USER"] ?? environment["USERNAME"] ?? environment["LOGNAME"] ?? "unknown";
  }
}

/** Variables of ours that are no settings; parameters (`MILLRACE_RUN_…`) are another matter. */
const OTHER_VARIABLES = new Set(["MILLRACE_DEBUG"]);

function unknownVariables(environment: Environment): string[] {
  const known = settingNames.map((name) => settingDefinitions[name].variable);
  const warnings: string[] = [];
  for (const variable of Object.keys(environment)) {
    if (!variable.startsWith("MILLRACE_") || variable.startsWith("MILLRACE_RUN_") || known.includes(variable)) continue;
    if (OTHER_VARIABLES.has(variable)) continue;
    const nearest = nearestName(variable, known);
    if (nearest !== undefined) warnings.push(`The environment sets ${variable}, which is no setting; did you mean ${nearest}?`);
  }
  return warnings;
}
