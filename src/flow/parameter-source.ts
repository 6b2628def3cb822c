import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ParameterDefinition, ParameterType } from "../core/definition.js";

/** What `parameter()` or `includeFile()` was told, checked: where the value comes from and what it may be. */
export type ParameterSource = ValueSource | FileSource;

interface SourceBase {
  readonly help?: string | undefined;
  readonly env?: string | undefined;
  /** Whether it has to be given a value: undefined when only its schema can tell. */
  readonly required: boolean | undefined;
}

export interface ValueSource extends SourceBase {
  readonly kind: "value";
  /** Undefined while only a function that makes the default can tell. */
  readonly type: ValueType | undefined;
  readonly list: boolean;
  readonly default: ParameterDefault | undefined;
  readonly schema?: StandardSchemaV1 | undefined;
}

export interface FileSource extends SourceBase {
  readonly kind: "file";
  readonly default: ParameterDefault | undefined;
  /** Null for bytes. */
  readonly encoding: BufferEncoding | null;
}

export type ValueType = Exclude<ParameterType, "file">;

/** A default as it stands, or the function that makes it, once a run. */
export type ParameterDefault = { readonly value: unknown } | { readonly make: () => unknown };

/** A parameter of a flow: what is said of it as data, and where its value comes from. */
export interface ParameterSpec {
  readonly definition: ParameterDefinition;
  readonly source: ParameterSource;
}
