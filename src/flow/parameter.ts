import type { StandardSchemaV1 } from "@standard-schema/spec";
import { receiveParameter } from "./construction.js";
import { readFileOptions, readParameterOptions } from "./parameter-options.js";

/** A default, or a function that makes it: called once, at the start of a run that does not give the parameter. */
export type Default<T> = T | (() => T | Promise<T>);

/** The type of the field: `number` for a default of `0.01`. */
export type Widen<T> = T extends string ? string : T extends number ? number : T extends boolean ? boolean : T;

/** The types that `type` names. */
export interface ParameterTypes {
  readonly string: string;
  readonly number: number;
  readonly int: number;
  readonly boolean: boolean;
  readonly json: unknown;
}

interface About {
  /** What it is for, shown by `--help`. */
  readonly help?: string;
  /** A further environment variable that sets it, beside `MILLRACE_RUN_<NAME>`. */
  readonly env?: string;
}

interface Typed<K> extends About {
  readonly type: K;
  readonly list?: false;
  readonly schema?: never;
}

interface TypedList<K> extends About {
  readonly type: K;
  readonly list: true;
  readonly schema?: never;
}

interface Untyped extends About {
  readonly type?: never;
  readonly schema?: never;
}

interface WithSchema<T> extends About {
  /** Anything that implements Standard Schema, such as a zod schema. */
  readonly schema: StandardSchemaV1<unknown, T>;
  readonly type?: never;
  readonly list?: never;
}

type Optional = { readonly required: false; readonly default?: never };
type Required = { readonly required?: true; readonly default?: never };
type Defaulted<T> = { readonly default: Default<T>; readonly required?: false };

/**
 * A parameter of the flow: a value that each run is given, on the command line (`--chunk-size 50` for the field
 * `chunkSize`), in the environment, or by its default. Write it as a field's whole value.
 *
 * The type follows from `default`, `type` (with `list: true`, values parted by commas), or `schema`. Without a default
 * it has to be given, unless `required: false`: then it may be undefined.
 *
 * @example
 * alpha = parameter({ default: 0.01, help: "Learning rate" });
 * names = parameter({ type: "string", list: true });
 * day = parameter({ default: () => new Date().toISOString().slice(0, 10) });
 * range = parameter({ schema: z.object({ from: z.number(), to: z.number() }) });
 */
export function parameter<T>(options: WithSchema<T> & (Required | { readonly default: Default<NoInfer<T>>; readonly required?: false })): T;
export function parameter<T>(options: WithSchema<T> & Optional): T | undefined;
export function parameter<K extends keyof ParameterTypes>(
  options: TypedList<K> & (Required | Defaulted<readonly ParameterTypes[K][]>),
): ParameterTypes[K][];
export function parameter<K extends keyof ParameterTypes>(options: TypedList<K> & Optional): ParameterTypes[K][] | undefined;
export function parameter<K extends keyof ParameterTypes>(
  options: Typed<K> & { readonly default: null; readonly required?: false },
): ParameterTypes[K] | null;
export function parameter<T>(options: Typed<"json"> & Defaulted<T>): Widen<T>;
export function parameter<K extends keyof ParameterTypes>(options: Typed<K> & (Required | Defaulted<ParameterTypes[K]>)): ParameterTypes[K];
export function parameter<K extends keyof ParameterTypes>(options: Typed<K> & Optional): ParameterTypes[K] | undefined;
export function parameter<T>(options: Untyped & Defaulted<T> & { readonly list?: false }): Widen<T>;
export function parameter<T>(options: Untyped & { readonly list: true } & Defaulted<readonly T[]>): Widen<T>[];
export function parameter(options: Untyped & { readonly list: true } & Required): string[];
export function parameter(options?: Untyped & { readonly list?: false } & Required): string;
export function parameter(options: Untyped & { readonly list?: false } & Optional): string | undefined;
export function parameter(options?: object): unknown {
  return receiveParameter(readParameterOptions(options ?? {}));
}

interface FileOptions extends About {
  /** Default "utf8"; null for the bytes. */
  readonly encoding?: BufferEncoding | null;
}

type Bytes = FileOptions & { readonly encoding: null };
type Text = FileOptions & { readonly encoding?: BufferEncoding };

/**
 * A parameter that is a file: the run is given a path, and the field holds the content, which is stored with the run.
 * A default path is relative to the flow's folder, one that is given to the current folder.
 *
 * @example
 * stopWords = includeFile({ default: "stop-words.txt" });
 */
export function includeFile(options: Bytes & (Required | Defaulted<string>)): Buffer;
export function includeFile(options: Bytes & Optional): Buffer | undefined;
export function includeFile(options?: Text & (Required | Defaulted<string>)): string;
export function includeFile(options: Text & Optional): string | undefined;
export function includeFile(options?: object): unknown {
  return receiveParameter(readFileOptions(options ?? {}));
}
