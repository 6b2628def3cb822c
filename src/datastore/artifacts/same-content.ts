import { isInline, type ArtifactRef } from "../../core/artifact-ref.js";
import { isEncodedJson, type EncodedValue } from "../../codec/encoded-value.js";
import { cutParts } from "./blob-parts.js";

/** Whether a ref's content is the encoded value, wherever each of them stands. Equal values are encoded alike. */
export function sameContent(ref: ArtifactRef, encoded: EncodedValue): boolean {
  if (ref.codec !== encoded.codec || JSON.stringify(ref.meta) !== JSON.stringify(encoded.meta)) return false;
  if (isInline(ref) && ref.value !== undefined) return isEncodedJson(encoded) && JSON.stringify(ref.value) === JSON.stringify(encoded.value);
  const runs = isEncodedJson(encoded) ? [[Buffer.from(JSON.stringify(encoded.value))]] : encoded.runs;
  if (isInline(ref)) return Buffer.concat(runs.flat()).toString("base64") === ref.base64;
  let index = 0;
  for (const { hash } of cutParts(runs)) if (ref.parts[index++]?.hash !== hash) return false;
  return index === ref.parts.length;
}
