import { crc32 } from "node:zlib";
import { MillraceError, messageOf } from "../core/errors/millrace-error.js";

/**
 * Records are JSON on one line, then the line's CRC-32 (8 hex digits) on a second: a record that was cut short or
 * changed is noticed, and other tools read the first line.
 */
export function encodeRecord(json: string): Uint8Array {
  const body = Buffer.from(json, "utf8");
  return Buffer.concat([body, Buffer.from(`\n${checksum(body)}\n`, "latin1")]);
}

const TAIL_BYTES = 10;

/**
 * The JSON text of a record's bytes.
 * @throws MillraceError `record-damaged`, naming `what` and `key`.
 */
export function recordText(bytes: Uint8Array, what: string, key: string): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const body = buffer.subarray(0, Math.max(0, buffer.length - TAIL_BYTES));
  const tail = buffer.toString("latin1", body.length);
  if (tail !== `\n${checksum(body)}\n`) {
    const reason = buffer.length === 0 ? "it is empty" : "its checksum does not match";
    throw new MillraceError("record-damaged", { what, key, reason });
  }
  return body.toString("utf8");
}

/** Reads a record's bytes. The checksum vouches for the shape: only millrace writes it. */
export function decodeRecord<T extends { readonly format: number }>(bytes: Uint8Array, what: string, key: string): T {
  const text = recordText(bytes, what, key);
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new MillraceError("record-damaged", { what, key, reason: messageOf(error) });
  }
}

function checksum(body: Uint8Array): string {
  return crc32(body).toString(16).padStart(8, "0");
}
