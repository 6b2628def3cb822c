import type { ParameterDefinition } from "../core/definition.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { GivenParameter, GivenParameters } from "../core/given-parameters.js";
import { nearestName } from "../core/nearest-name.js";
import type { ConfigFile } from "./config-file.js";
import type { Environment } from "./environment.js";
import { settingDefinitions } from "./setting-definitions.js";

/** The variable that sets a parameter: `MILLRACE_RUN_CHUNK_SIZE`. */
export function parameterVariable(definition: Pick<ParameterDefinition, "flag">): string {
  return `MILLRACE_RUN_${definition.flag.replaceAll("-", "_").toUpperCase()}`;
}

export interface ParameterInputs {
  readonly flow: string;
  readonly definitions: readonly ParameterDefinition[];
  /** What the command line said, by field name. */
  readonly flags: GivenParameters;
  readonly environment: Environment;
  readonly file: ConfigFile | undefined;
}

/**
 * The values that parameters are given, by field name: from the command line, else `MILLRACE_RUN_…`, else the
 * parameter's own variable, else the project's file. Those that nothing sets are left out.
 * @throws MillraceError `config-parameter-unknown` when the file sets one that the flow does not have.
 */
export function gatherParameters(inputs: ParameterInputs): GivenParameters {
  const fromFile = readFileParameters(inputs);
  const values: Record<string, GivenParameter> = {};
  for (const definition of inputs.definitions) {
    const value = inputs.flags[definition.name] ?? fromEnvironment(definition, inputs.environment) ?? fromFile.get(definition.name);
    if (value !== undefined) values[definition.name] = value;
  }
  return values;
}

function fromEnvironment(definition: ParameterDefinition, environment: Environment): GivenParameter | undefined {
  const own = parameterVariable(definition);
  // A parameter called idFile leaves MILLRACE_RUN_ID_FILE to the setting of that name.
  for (const source of [own === settingDefinitions.runIdFile.variable ? undefined : own, definition.env]) {
    const value = source === undefined ? undefined : environment[source];
    if (source !== undefined && value !== undefined) return { value, source };
  }
  return undefined;
}

function readFileParameters({ flow, definitions, file }: ParameterInputs): Map<string, GivenParameter> {
  const values = new Map<string, GivenParameter>();
  if (file === undefined) return values;
  const names = definitions.map((definition) => definition.name);
  for (const [key, value] of Object.entries(file.parameters[flow] ?? {})) {
    const definition = definitions.find(({ name, flag }) => name === key || flag === key);
    if (definition === undefined) {
      throw new MillraceError("config-parameter-unknown", { parameter: key, flow, file: file.name, nearest: nearestName(key, names) });
    }
    values.set(definition.name, { value, source: `${key} in ${file.name}` });
  }
  return values;
}
