import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Bytes of a tar archive's blocks. */
const BLOCK = 512;

/** Writes the files of a tar archive (as packing/tar.ts makes them) into a folder. */
export function unpack(archive: Uint8Array, folder: string): void {
  const tar = Buffer.from(archive.buffer, archive.byteOffset, archive.length);
  const made = new Set<string>();
  let longPath: string | undefined;
  for (let at = 0; at < tar.length && tar[at] !== 0;) {
    const field = (offset: number, length: number): string => tar.toString("utf8", at + offset, at + offset + length).replace(/\0.*/s, "");
    const size = parseInt(field(124, 12), 8);
    const content = tar.subarray(at + BLOCK, at + BLOCK + size);
    if (field(156, 1) === "x") longPath = /path=(.*)\n/.exec(content.toString())?.[1];
    else {
      const file = join(folder, longPath ?? field(0, 100));
      longPath = undefined;
      const parent = dirname(file);
      if (!made.has(parent)) mkdirSync(parent, { recursive: true });
      made.add(parent);
      writeFileSync(file, content, { mode: parseInt(field(100, 8), 8) });
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
}
