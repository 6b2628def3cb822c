import { isMillraceError } from "../core/errors/millrace-error.js";
import { LAYOUT_VERSION } from "../core/records.js";
import { decodeRecord, encodeRecord } from "./record-file.js";

/** The blobs of one folder that a clean-up is about to delete. It is there before the first is, and until the last is gone. */
interface CondemnedRecord {
  readonly format: number;
  /** The clean-up's own word: no other has the same. */
  readonly token: string;
  readonly keys: readonly string[];
}

export function encodeCondemned(token: string, keys: readonly string[]): Uint8Array {
  const record: CondemnedRecord = { format: LAYOUT_VERSION, token, keys };
  return encodeRecord(JSON.stringify(record));
}

/**
 * What a copy of a blob is to be called because the blob itself is about to be deleted; undefined when it is not.
 * @param bytes The record of the blob's folder, if there is one.
 */
export function condemnedCopy(key: string, bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  try {
    const { token, keys } = decodeRecord<CondemnedRecord>(bytes, "a clean-up", "condemned");
    return keys.includes(key) ? token : undefined;
  } catch (error) {
    if (!isMillraceError(error, "record-damaged")) throw error;
    // Nobody knows what it said: a copy is safe in any case.
    return "kept";
  }
}
