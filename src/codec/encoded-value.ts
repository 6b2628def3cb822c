import type { JsonValue } from "../core/json.js";

/** A value as bytes, or as JSON when it is small and plain: what `encodeValue` makes and `decodeValue` takes. */
export type EncodedValue = EncodedJson | EncodedBytes;

interface Encoding {
  /** Which codec reads it: `json`, `structured`, `bytes`, `text`, `number`, `arrow`. */
  readonly codec: string;
  /** What the codec needs to know beside the bytes. */
  readonly meta?: JsonValue;
}

/** Small enough to stand in a record as it is. */
export interface EncodedJson extends Encoding {
  readonly value: JsonValue;
  /** About how many characters its text has. */
  readonly size: number;
}

export interface EncodedBytes extends Encoding {
  /**
   * The bytes: runs that belong together, each given as chunks one after another. A reader gets each run back as one
   * piece of memory of its own; all but the first are the contents of large binary values. The chunks may be views of
   * the user's own memory: use them before user code runs again.
   */
  readonly runs: readonly (readonly Uint8Array[])[];
}

/** What a reader hands to `decodeValue`: JSON as it stood in a record, or the runs, each whole. */
export type StoredValue =
  | { readonly codec: string; readonly meta?: JsonValue | undefined; readonly value: JsonValue }
  | { readonly codec: string; readonly meta?: JsonValue | undefined; readonly runs: readonly Uint8Array[] };

export function isEncodedJson(encoded: EncodedValue): encoded is EncodedJson {
  return "value" in encoded;
}

/** Bytes in all. */
export function encodedSize(encoded: EncodedBytes): number {
  let size = 0;
  for (const run of encoded.runs) for (const chunk of run) size += chunk.length;
  return size;
}
