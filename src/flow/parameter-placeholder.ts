import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ParameterSource, ValueSource } from "./parameter-source.js";

/**
 * What a parameter is while its flow is only read: its default, so that initialisers that compute with it work; where
 * that is not known, an empty value of its type; undefined where it may be left out.
 */
export function placeholderFor(source: ParameterSource): unknown {
  if (source.kind === "file") {
    if (source.required === false && source.default === undefined) return undefined;
    return source.encoding === null ? Buffer.alloc(0) : "";
  }
  if (source.default !== undefined && "value" in source.default) return source.default.value;
  return source.required === false && source.default === undefined ? undefined : emptyValue(source);
}

function emptyValue(source: ValueSource): unknown {
  if (source.list) return [];
  switch (source.type) {
    case "number":
    case "int":
      return 0;
    case "boolean":
      return false;
    case "json":
      return {};
    case "schema":
      return source.schema === undefined ? undefined : ownDefault(source.schema);
    case "string":
    case undefined:
      return "";
  }
}

/** What a schema makes of nothing, such as a default of its own. */
function ownDefault(schema: StandardSchemaV1): unknown {
  const result = schema["~standard"].validate(undefined);
  return result instanceof Promise || result.issues !== undefined ? undefined : result.value;
}
