import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { readdir, stat, unlink } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { dirname, join, resolve, sep } from "node:path";
import { storeError } from "./store-error.js";
import type { ByteRange, ObjectInfo, ObjectStore, PutOptions } from "./object-store.js";

/** Objects larger than this are written and read in pieces that let other work go on in between. */
const PIECE_BYTES = 8 * 1024 * 1024;

/**
 * A folder as an object store. An object is written beside the others under `tmp/` and moved to its name when it is
 * whole, so that no reader sees half of it. Small objects are read and written in one go: faster than any queue.
 */
export class LocalStore implements ObjectStore {
  readonly location: string;
  readonly remote = false;
  readonly #root: string;
  /** Names a folder below `tmp/` of this store's own: processes that share one would wait for each other at every rename. */
  readonly #temporaryFolder: string;
  #temporaries = 0;

  /** @param root An absolute path; made when something is first written. */
  constructor(root: string) {
    this.#root = resolve(root);
    this.location = this.#root;
    this.#temporaryFolder = join(this.#root, "tmp", randomUUID().slice(0, 13)) + sep;
  }

  /** Where a key's object is, for code on this machine that needs a path. */
  pathOf(key: string): string {
    return join(this.#root, sep === "/" ? key : key.replaceAll("/", sep));
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    return this.getSync(key, range);
  }

  getSync(key: string, range?: ByteRange): Uint8Array | undefined {
    const path = this.pathOf(key);
    let file: number;
    try {
      file = openSync(path, "r");
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw storeError("read", path, error);
    }
    try {
      const size = fstatSync(file).size;
      const offset = Math.min(range?.offset ?? 0, size);
      const bytes = Buffer.allocUnsafeSlow(Math.min(range?.length ?? size, size - offset));
      let filled = 0;
      while (filled < bytes.length) {
        const count = readSync(file, bytes, filled, Math.min(bytes.length - filled, PIECE_BYTES), offset + filled);
        if (count === 0) break;
        filled += count;
      }
      return filled === bytes.length ? bytes : bytes.subarray(0, filled);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw storeError("read", path, error);
    } finally {
      closeSync(file);
    }
  }

  async put(key: string, chunks: readonly Uint8Array[], options?: PutOptions): Promise<boolean> {
    return this.putSync(key, chunks, options);
  }

  putSync(key: string, chunks: readonly Uint8Array[], options?: PutOptions): boolean {
    const path = this.pathOf(key);
    const temporary = this.#temporaryFolder + this.#temporaries++;
    try {
      this.#write(temporary, chunks);
      return options?.ifAbsent === true ? this.#link(temporary, path) : this.#rename(temporary, path);
    } catch (error) {
      removeQuietly(temporary);
      throw storeError("write", path, error);
    }
  }

  #write(path: string, chunks: readonly Uint8Array[]): void {
    const file = withFolder(path, () => openSync(path, "w"));
    try {
      for (const chunk of chunks) {
        for (let done = 0; done < chunk.length;) {
          done += writeSync(file, chunk, done, Math.min(chunk.length - done, PIECE_BYTES));
        }
      }
    } finally {
      closeSync(file);
    }
  }

  #rename(temporary: string, path: string): true {
    withFolder(path, () => renameSync(temporary, path));
    return true;
  }

  #link(temporary: string, path: string): boolean {
    try {
      withFolder(path, () => linkSync(temporary, path));
      return true;
    } catch (error) {
      if (codeOf(error) === "EEXIST") return false;
      if (!["EPERM", "ENOTSUP", "ENOSYS", "EOPNOTSUPP"].includes(codeOf(error) ?? "")) throw error;
      return this.#copyIfAbsent(temporary, path);
    } finally {
      unlinkSync(temporary);
    }
  }

  /** For file systems without hard links. */
  #copyIfAbsent(temporary: string, path: string): boolean {
    try {
      copyFileSync(temporary, path, constants.COPYFILE_EXCL);
      return true;
    } catch (error) {
      if (codeOf(error) === "EEXIST") return false;
      throw error;
    }
  }

  /** Removes the empty folders that processes left below `tmp/`. A process that still needs its own makes it again. */
  tidy(): void {
    const folder = join(this.#root, "tmp");
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      try {
        rmdirSync(join(folder, name));
      } catch {
        // Something is in it.
      }
    }
  }

  async stat(key: string): Promise<ObjectInfo | undefined> {
    return this.statSync(key);
  }

  statSync(key: string): ObjectInfo | undefined {
    const path = this.pathOf(key);
    try {
      const info = statSync(path, { throwIfNoEntry: false });
      return info?.isFile() === true ? { key, size: info.size, modifiedAt: info.mtimeMs } : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw storeError("read", path, error);
    }
  }

  async touch(key: string): Promise<boolean> {
    return this.touchSync(key);
  }

  touchSync(key: string): boolean {
    if (this.statSync(key) === undefined) return false;
    const path = this.pathOf(key);
    const now = new Date();
    try {
      utimesSync(path, now, now);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw storeError("write", path, error);
    }
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    for (const name of await this.listNames(prefix)) {
      if (name.endsWith("/")) {
        yield* this.list(prefix + name);
        continue;
      }
      // It may be gone by now.
      const info = await stat(this.pathOf(prefix + name)).catch(() => undefined);
      if (info !== undefined) yield { key: prefix + name, size: info.size, modifiedAt: info.mtimeMs };
    }
  }

  async listNames(prefix: string): Promise<readonly string[]> {
    const folder = this.pathOf(prefix);
    try {
      // Much cheaper than a call that fails: readers look into many folders that are not there.
      if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
      const entries = await readdir(folder, { withFileTypes: true });
      return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
    } catch (error) {
      if (isMissing(error)) return [];
      throw storeError("read", folder, error);
    }
  }

  async delete(...keys: readonly string[]): Promise<void> {
    const folders = new Set<string>();
    for (const key of keys) {
      const path = this.pathOf(key);
      await unlink(path).catch((error: unknown) => {
        if (!isMissing(error)) throw storeError("write", path, error);
      });
      folders.add(dirname(path));
    }
    for (const folder of folders) this.#removeEmpty(folder);
  }

  /** Removes a folder, and those around it, as far as nothing is in them. */
  #removeEmpty(folder: string): void {
    for (let at = folder; at.startsWith(this.#root + sep); at = dirname(at)) {
      try {
        rmdirSync(at);
      } catch {
        return;
      }
    }
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The error that led here says more.
  }
}

/** A folder may be removed, empty as it is, right after it was made. */
const FOLDER_TRIES = 10;

/** Runs a file operation; makes the path's folder and runs it again when that was missing. */
function withFolder<T>(path: string, operation: () => T): T {
  for (let tries = 1; ; tries++) {
    try {
      return operation();
    } catch (error) {
      if (codeOf(error) !== "ENOENT" || tries > FOLDER_TRIES) throw error;
      makeFolder(dirname(path), error);
    }
  }
}

/** As `mkdir -p`. Node's own recursive mkdir never ends where a parent is there and says it is not, as in /proc. */
function makeFolder(path: string, reason: unknown): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent === path) throw reason;
  makeFolder(parent, reason);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have been faster.
    if (codeOf(error) !== "EEXIST" && codeOf(error) !== "ENOENT") throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** There is no object: nothing, a folder, or a path that leads through an object. */
function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "EISDIR"].includes(codeOf(error) ?? "");
}
