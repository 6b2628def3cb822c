import { isEncodedJson, type EncodedValue } from "../../codec/encoded-value.js";
import { MillraceError } from "../../core/errors/millrace-error.js";

/** Shorter values may stand in an artifact by chance. */
const SHORTEST = 8;

/**
 * Looks at what is about to be stored.
 * @returns A function that throws MillraceError `secret-in-artifact` for a value that holds one of the secrets.
 */
export function guardArtifacts(secrets: ReadonlyMap<string, string>): (encoded: EncodedValue, path: string) => void {
  const forms = [...secrets].filter(([, value]) => value.length >= SHORTEST).map(([variable, value]) => ({ variable, ...formsOf(value) }));
  return (encoded, path) => {
    const json = isEncodedJson(encoded) ? JSON.stringify(encoded.value) : undefined;
    for (const { variable, inJson, inBytes } of forms) {
      const isFound = json !== undefined ? json.includes(inJson) : !isEncodedJson(encoded) && encoded.runs.some((run) => hasOne(run, inBytes));
      if (isFound) throw new MillraceError("secret-in-artifact", { path, variable });
    }
  };
}

function formsOf(value: string): { readonly inJson: string; readonly inBytes: readonly Buffer[] } {
  const inJson = JSON.stringify(value).slice(1, -1);
  const texts = new Set([value, inJson]);
  return { inJson, inBytes: [...texts].flatMap((text) => [Buffer.from(text), Buffer.from(text, "utf16le")]) };
}

/** Whether the chunks, one after another, have one of the forms. */
function hasOne(chunks: readonly Uint8Array[], forms: readonly Buffer[]): boolean {
  const overlap = Math.max(...forms.map(({ length }) => length)) - 1;
  let end: Uint8Array = new Uint8Array(0);
  for (const chunk of chunks) {
    // A secret may go from one chunk into the next.
    const places = [Buffer.concat([end, chunk.subarray(0, overlap)]), Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)];
    if (places.some((place) => forms.some((form) => place.indexOf(form) >= 0))) return true;
    end = Buffer.concat([end, chunk.subarray(-overlap)]).subarray(-overlap);
  }
  return false;
}
