import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { BlobCacheAddress } from "../../core/store-address.js";
import type { ByteRange } from "../object-store.js";

/** Keys that end in a SHA-256 name their content: what is under them never changes. */
const CONTENT_NAME = /(?:^|\/)([0-9a-f]{2})([0-9a-f]{62}(?:~\w+)?(?:\.\w+)?)$/;

/** Bytes at the end of a file: the CRC-32 of what is before. */
const TAIL_BYTES = 4;
/** A larger object would push out too much. */
const LARGEST_SHARE = 0.1;
/** A file that is used counts as new again when it was not for so long. */
const TOUCH_MS = 10 * 60 * 1000;
/** Looked through when so much of what is allowed was written since. */
const LOOK_SHARE = 0.05;
/** How full the folder is left. */
const FILL_SHARE = 0.9;
/** Bytes on their way to the disk. */
const MOST_PENDING = 256 * 1024 * 1024;

/**
 * Blobs that were read or written, kept in a folder of this machine, which any number of processes share. A file is whole or
 * not there, and is checked when it is read; what is wrong with it is worth a download, never an error. Those used longest ago
 * go when there are too many.
 */
export class BlobCache {
  readonly #folder: string;
  readonly #maxBytes: number;
  #written: number;
  #pending = 0;
  #looking = false;
  #broken = false;

  constructor({ folder, maxBytes }: BlobCacheAddress) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    // Many short processes write little each: now and then, one of them looks at its first file.
    this.#written = Math.random() < LOOK_SHARE ? Number.POSITIVE_INFINITY : 0;
  }

  /** The object's bytes; undefined when they are not here. */
  async read(key: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    const path = this.#pathOf(key);
    if (path === undefined || this.#broken) return undefined;
    let file: Uint8Array;
    try {
      file = await readFile(path);
    } catch {
      return undefined;
    }
    const bytes = file.subarray(0, Math.max(0, file.length - TAIL_BYTES));
    if (file.length < TAIL_BYTES || !sameTail(file, bytes)) {
      await rm(path, { force: true }).catch(() => {});
      return undefined;
    }
    void touch(path).catch(() => {});
    // A copy of its own: it goes to another thread.
    return range === undefined ? bytes.slice() : bytes.slice(range.offset, range.offset + range.length);
  }

  /** Keeps an object's bytes, some time soon; the caller must not change them. */
  keep(key: string, bytes: Uint8Array): void {
    const path = this.#pathOf(key);
    if (path === undefined || this.#broken || bytes.length > this.#maxBytes * LARGEST_SHARE || this.#pending > MOST_PENDING) return;
    this.#pending += bytes.length;
    void this.#write(path, bytes).finally(() => (this.#pending -= bytes.length));
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    const temporary = join(this.#folder, "tmp", randomUUID());
    try {
      await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
      await mkdir(join(temporary, ".."), { recursive: true, mode: 0o700 });
      await writeFile(temporary, [bytes, tailOf(bytes)], { mode: 0o600 });
      await rename(temporary, path);
    } catch {
      // A full disk, a folder that may not be written: then there is no cache.
      this.#broken = true;
      await rm(temporary, { force: true }).catch(() => {});
      return;
    }
    this.#written += bytes.length;
    if (this.#looking) return;
    this.#looking = true;
    try {
      // What is written meanwhile may not have been seen.
      while (this.#written >= this.#maxBytes * LOOK_SHARE) await this.#makeRoom();
    } finally {
      this.#looking = false;
    }
  }

  async #makeRoom(): Promise<void> {
    this.#written = 0;
    const files = await this.#files();
    let total = files.reduce((sum, { size }) => sum + size, 0);
    if (total <= this.#maxBytes) return;
    for (const { path, size } of files.toSorted((a, b) => a.usedAt - b.usedAt)) {
      if (total <= this.#maxBytes * FILL_SHARE) break;
      await rm(path, { force: true }).catch(() => {});
      total -= size;
    }
  }

  async #files(): Promise<{ readonly path: string; readonly size: number; readonly usedAt: number }[]> {
    const files = [];
    for (const name of await readdir(this.#folder, { recursive: true }).catch(() => [])) {
      const path = join(this.#folder, name);
      const info = await stat(path).catch(() => undefined);
      if (info?.isFile() === true) files.push({ path, size: info.size, usedAt: info.mtimeMs });
    }
    return files;
  }

  #pathOf(key: string): string | undefined {
    const [, folder, name] = CONTENT_NAME.exec(key) ?? [];
    return folder === undefined || name === undefined ? undefined : join(this.#folder, folder, name);
  }
}

function tailOf(bytes: Uint8Array): Uint8Array {
  const tail = new Uint8Array(TAIL_BYTES);
  new DataView(tail.buffer).setUint32(0, crc32(bytes));
  return tail;
}

function sameTail(file: Uint8Array, bytes: Uint8Array): boolean {
  return new DataView(file.buffer, file.byteOffset, file.byteLength).getUint32(bytes.length) === crc32(bytes);
}

async function touch(path: string): Promise<void> {
  const { mtimeMs } = await stat(path);
  const now = new Date();
  if (now.getTime() - mtimeMs > TOUCH_MS) await utimes(path, now, now);
}
