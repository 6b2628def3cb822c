import type { ParameterDefinition } from "../core/definition.js";
import type { GivenParameter, GivenParameters } from "../core/given-parameters.js";
import type { Arguments } from "./arguments.js";
import type { CommandOption } from "./option.js";

/** A flow's parameters as options: `--chunk-size`, also written `--chunkSize`; booleans as `--test` and `--no-test`. */
export function parameterOptions(definitions: readonly ParameterDefinition[]): CommandOption[] {
  return definitions.map((definition) => {
    const isSwitch = definition.type === "boolean" && !definition.list;
    return {
      name: definition.flag,
      help: parameterHelp(definition),
      ...(definition.name !== definition.flag && { aliases: [definition.name] }),
      ...(isSwitch ? { negatable: true } : { placeholder: placeholderOf(definition) }),
      ...(definition.list && { repeatable: true }),
      ...fallbackOf(definition),
    };
  });
}

/** The values that the command line gives parameters, by field name. */
export function givenParameters(definitions: readonly ParameterDefinition[], { options }: Arguments): GivenParameters {
  const given: Record<string, GivenParameter> = {};
  for (const { name, flag, list } of definitions) {
    const option = options.get(flag);
    if (option === undefined) continue;
    const [first = ""] = option.values;
    given[name] = { value: list && option.values.length > 1 ? option.values : first, source: option.written };
  }
  return given;
}

const PLACEHOLDERS: Readonly<Record<ParameterDefinition["type"], string>> = {
  string: "TEXT",
  number: "NUMBER",
  int: "INTEGER",
  boolean: "BOOLEAN",
  json: "JSON",
  schema: "VALUE",
  file: "FILE",
};

function placeholderOf({ type, list }: ParameterDefinition): string {
  const word = PLACEHOLDERS[type];
  return list ? `${word},…` : word;
}

function parameterHelp({ help, required, defaultText }: ParameterDefinition): string {
  const must = required && defaultText === undefined ? "(required)" : "";
  return [help, must].filter((part) => part !== undefined && part !== "").join(" ");
}

function fallbackOf({ defaultText, computedDefault }: ParameterDefinition): { fallback?: string } {
  if (defaultText !== undefined) return { fallback: defaultText };
  return computedDefault === true ? { fallback: "computed when the run starts" } : {};
}
