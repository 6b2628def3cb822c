import type { StandardSchemaV1 } from "@standard-schema/spec";
import { inspect } from "node:util";
import { MillraceError } from "../core/errors/millrace-error.js";
import { nearestName } from "../core/nearest-name.js";
import type { FileSource, ParameterDefault, ValueSource, ValueType } from "./parameter-source.js";
import { describeType, isOfType, typeOfDefault, type TypeOfValue } from "./parameter-type.js";

const TYPES: readonly ValueType[] = ["string", "number", "int", "boolean", "json"];

/** Checks what `parameter()` was given. @throws MillraceError `bad-parameter-options`. */
export function readParameterOptions(options: object): ValueSource {
  const read = new OptionReader("parameter()", options, ["default", "help", "type", "list", "required", "schema", "env"]);
  const schema = read.schema("schema");
  const given = read.oneOf("type", TYPES);
  const list = read.flag("list") ?? false;
  const fallback = read.default();
  const required = read.flag("required");
  if (schema !== undefined && (given !== undefined || list)) read.fail("schema excludes type and list", "Let the schema say what the value is.");
  if (required === true && fallback !== undefined) read.fail("it has a default and is required", "Leave out one of the two.");
  const type = typeFor(schema, given, list, fallback);
  if (type !== undefined && fallback !== undefined && "value" in fallback && fallback.value !== null && !isOfType(fallback.value, type)) {
    read.fail(`the default ${inspect(fallback.value, { depth: 1 })} is not ${describeType(type)}`, "Correct the default, or the type.");
  }
  return {
    kind: "value",
    type: type?.type,
    list: type?.list ?? list,
    default: fallback,
    required: required ?? requiredByItself(schema, fallback),
    schema,
    ...read.about(),
  };
}

/** Checks what `includeFile()` was given. @throws MillraceError `bad-parameter-options`. */
export function readFileOptions(options: object): FileSource {
  const read = new OptionReader("includeFile()", options, ["default", "encoding", "help", "required", "env"]);
  const fallback = read.default();
  const required = read.flag("required");
  if (required === true && fallback !== undefined) read.fail("it has a default and is required", "Leave out one of the two.");
  if (fallback !== undefined && "value" in fallback && typeof fallback.value !== "string") {
    read.fail(`the default ${inspect(fallback.value, { depth: 1 })} is no path`, "Give a path relative to the flow's folder.");
  }
  return { kind: "file", default: fallback, encoding: read.encoding(), required: required ?? fallback === undefined, ...read.about() };
}

function typeFor(
  schema: StandardSchemaV1 | undefined,
  given: ValueType | undefined,
  list: boolean,
  fallback: ParameterDefault | undefined,
): TypeOfValue | undefined {
  if (schema !== undefined) return { type: "schema", list: false };
  if (given !== undefined) return { type: given, list };
  if (fallback === undefined) return { type: "string", list };
  return "value" in fallback ? typeOfDefault(fallback.value) : undefined;
}

function requiredByItself(schema: StandardSchemaV1 | undefined, fallback: ParameterDefault | undefined): boolean | undefined {
  if (fallback !== undefined) return false;
  return schema === undefined ? true : undefined;
}

/** Takes options out of an object whose types only a compiler has seen. */
class OptionReader {
  readonly #call: string;
  readonly #options: ReadonlyMap<string, unknown>;

  constructor(call: string, options: object, known: readonly string[]) {
    this.#call = call;
    this.#options = new Map(Object.entries(options));
    for (const name of this.#options.keys()) {
      if (known.includes(name)) continue;
      const nearest = nearestName(name, known);
      this.fail(`it has no option ${name}`, `${nearest === undefined ? "" : `Did you mean ${nearest}? `}It takes ${known.join(", ")}.`);
    }
  }

  fail(problem: string, fix: string): never {
    throw new MillraceError("bad-parameter-options", { call: this.#call, problem, fix });
  }

  flag(name: string): boolean | undefined {
    const value = this.#options.get(name);
    return value === undefined || typeof value === "boolean" ? value : this.#wrong(name, value, "true or false");
  }

  oneOf<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.#options.get(name);
    if (value === undefined) return undefined;
    return choices.find((choice) => choice === value) ?? this.#wrong(name, value, `one of ${choices.join(", ")}`);
  }

  default(): ParameterDefault | undefined {
    const value = this.#options.get("default");
    if (value === undefined) return undefined;
    return isFunction(value) ? { make: value } : { value };
  }

  schema(name: string): StandardSchemaV1 | undefined {
    const value = this.#options.get(name);
    return value === undefined || isSchema(value) ? value : this.#wrong(name, value, "a Standard Schema, such as zod's");
  }

  encoding(): BufferEncoding | null {
    const value = this.#options.get("encoding");
    if (value === undefined) return "utf8";
    if (value === null) return null;
    return typeof value === "string" && Buffer.isEncoding(value) ? value : this.#wrong("encoding", value, "an encoding that Node knows, or null");
  }

  about(): { readonly help: string | undefined; readonly env: string | undefined } {
    return { help: this.#text("help"), env: this.#text("env") };
  }

  #text(name: string): string | undefined {
    const value = this.#options.get(name);
    return value === undefined || typeof value === "string" ? value : this.#wrong(name, value, "a text");
  }

  #wrong(name: string, value: unknown, expected: string): never {
    return this.fail(`${name} is ${inspect(value, { depth: 1 })}`, `Give ${name} ${expected}.`);
  }
}

function isFunction(value: unknown): value is () => unknown {
  return typeof value === "function";
}

/** Schemas of some libraries are functions. */
function isSchema(value: unknown): value is StandardSchemaV1 {
  return ((typeof value === "object" && value !== null) || typeof value === "function") && "~standard" in value;
}
