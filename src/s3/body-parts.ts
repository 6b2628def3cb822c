import { open } from "node:fs/promises";
import type { ObjectBody } from "./transfer-types.js";

/** Larger bodies are stored in parts of this size. */
export const PART = 16 * 1024 * 1024;
/** S3 takes no more parts than this. */
const MOST_PARTS = 10_000;

/** A body's parts, in order: all but the last of one size, none empty unless it is the only one. */
export function partsOf(body: ObjectBody): AsyncGenerator<Uint8Array> {
  if (typeof body === "string") return cut(Buffer.from(body));
  if (body instanceof ArrayBuffer) return cut(new Uint8Array(body));
  return body instanceof Uint8Array ? cut(body) : gather(body);
}

/** A file's parts, read as they are taken. */
export async function* partsOfFile(file: string): AsyncGenerator<Uint8Array> {
  await using handle = await open(file, "r");
  const { size } = await handle.stat();
  const part = partSize(size);
  let offset = 0;
  do {
    const buffer = Buffer.allocUnsafe(Math.min(part, size - offset));
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, offset + filled);
      if (bytesRead === 0) throw new Error(`${file} became shorter while it was read`);
      filled += bytesRead;
    }
    yield buffer;
    offset += buffer.length;
  } while (offset < size);
}

function partSize(size: number): number {
  return Math.max(PART, Math.ceil(size / MOST_PARTS));
}

async function* cut(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const part = partSize(bytes.length);
  for (let offset = 0; offset === 0 || offset < bytes.length; offset += part) yield bytes.subarray(offset, offset + part);
}

/** Chunks of any size as parts. */
async function* gather(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let size = 0;
  let isFirst = true;
  for await (const chunk of chunks) {
    let bytes: Uint8Array = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    while (size + bytes.length >= PART) {
      yield Buffer.concat([...held, bytes.subarray(0, PART - size)]);
      isFirst = false;
      bytes = bytes.subarray(PART - size);
      held = [];
      size = 0;
    }
    // Whoever made the chunk may use its memory again.
    if (bytes.length > 0) held.push(Uint8Array.from(bytes));
    size += bytes.length;
  }
  if (isFirst || size > 0) yield Buffer.concat(held);
}
