import { crc32 } from "node:zlib";
import { MillraceError, messageOf } from "../core/errors/millrace-error.js";
import type { TaskSpec } from "../core/task-spec.js";
import type { ObjectStore } from "../store/object-store.js";

const HEADER_BYTES = 64;
/** What is read at once, in the hope that the wanted spec is in it. */
const FIRST_READ_BYTES = 64 * 1024;
const CHECKSUM_BYTES = 9;

interface Header {
  readonly format: 1;
  readonly count: number;
  /** Bytes of each line. */
  readonly width: number;
}

/**
 * Writes what the tasks of a job are told: lines of one width, so that a job of an array of ten thousand reads its own
 * alone. Each line has a checksum, then JSON, then spaces.
 */
export async function writeJobSpecs(store: ObjectStore, key: string, specs: readonly TaskSpec[]): Promise<void> {
  const lines = specs.map((spec) => {
    const json = Buffer.from(JSON.stringify(spec));
    return Buffer.concat([Buffer.from(`${checksum(json)} `), json]);
  });
  const width = Math.max(0, ...lines.map((line) => line.length)) + 1;
  const bytes = Buffer.alloc(HEADER_BYTES + lines.length * width, " ");
  const header: Header = { format: 1, count: specs.length, width };
  bytes.write(JSON.stringify(header));
  bytes.write("\n", HEADER_BYTES - 1);
  for (const [index, line] of lines.entries()) {
    const start = HEADER_BYTES + index * width;
    line.copy(bytes, start);
    bytes.write("\n", start + width - 1);
  }
  await store.put(key, [bytes]);
}

/**
 * What one task of a job is told.
 * @throws MillraceError `record-damaged` when it is not there or not intact
 */
export async function readJobSpec(store: ObjectStore, key: string, index: number): Promise<TaskSpec> {
  const first = await store.get(key, { offset: 0, length: FIRST_READ_BYTES });
  const { width } = readHeader(first, key);
  const offset = HEADER_BYTES + index * width;
  const isRead = first !== undefined && offset + width <= first.length;
  const line = isRead ? first.subarray(offset, offset + width) : await store.get(key, { offset, length: width });
  return readLine(line ?? new Uint8Array(), key, index);
}

/**
 * What every task of a job is told, in order; undefined when the job left no such object.
 * @throws MillraceError `record-damaged`
 */
export async function readJobSpecs(store: ObjectStore, key: string): Promise<readonly TaskSpec[] | undefined> {
  const bytes = await store.get(key);
  if (bytes === undefined) return undefined;
  const { count, width } = readHeader(bytes, key);
  return Array.from({ length: count }, (_, index) => {
    const start = HEADER_BYTES + index * width;
    return readLine(bytes.subarray(start, start + width), key, index);
  });
}

function readHeader(bytes: Uint8Array | undefined, key: string): Header {
  if (bytes === undefined) throw damaged(key, "it is missing");
  try {
    const header = JSON.parse(textOf(bytes.subarray(0, HEADER_BYTES))) as Header;
    if (header.format === 1 && header.width > 0) return header;
  } catch (error) {
    throw damaged(key, messageOf(error));
  }
  throw damaged(key, "its first line is not understood");
}

function readLine(bytes: Uint8Array, key: string, index: number): TaskSpec {
  const line = textOf(bytes).trimEnd();
  const json = line.slice(CHECKSUM_BYTES);
  if (json === "" || line.slice(0, CHECKSUM_BYTES - 1) !== checksum(Buffer.from(json)))
    throw damaged(key, `line ${index + 1} is cut short or changed`);
  return JSON.parse(json) as TaskSpec;
}

function damaged(key: string, reason: string): MillraceError {
  return new MillraceError("record-damaged", { what: "what a job was told", key, reason });
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function checksum(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, "0");
}
