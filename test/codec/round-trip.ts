import { decodeValue, encodeValue, type EncodeOptions } from "../../src/codec/value-codec.js";
import { isEncodedJson, type EncodedValue } from "../../src/codec/encoded-value.js";

/** What a reader would hand to the decoder: each run in memory of its own. */
export function stored(encoded: EncodedValue): Parameters<typeof decodeValue>[0] {
  if (isEncodedJson(encoded)) return { codec: encoded.codec, meta: encoded.meta, value: JSON.parse(JSON.stringify(encoded.value)) };
  return { codec: encoded.codec, meta: encoded.meta, runs: encoded.runs.map((run) => new Uint8Array(Buffer.concat(run))) };
}

export function roundTrip<T>(value: T, options?: EncodeOptions): T {
  return decodeValue(stored(encodeValue(value, "this.value", options)), "this.value") as T;
}

/** The same through the structured encoding, however small the value. */
export function structuredRoundTrip<T>(value: T): T {
  return roundTrip({ wrapped: value, undefined }, { jsonLimit: 0 }).wrapped;
}

export function encodedBytes(value: unknown): Buffer {
  const encoded = encodeValue(value, "this.value", { jsonLimit: 0 });
  return isEncodedJson(encoded) ? Buffer.from(JSON.stringify(encoded.value)) : Buffer.concat(encoded.runs.flat());
}
