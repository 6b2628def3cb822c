import { writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { tarOf } from "../../src/packing/tar.js";
import type { Files } from "../rig/project.js";

/** Writes a package as a registry has it: npm installs it from the file, without a network. */
export async function writePackage(file: string, files: Files): Promise<void> {
  const entries = Object.entries(files).map(([path, text]) => ({ path: `package/${path}`, content: Buffer.from(text) }));
  await writeFile(file, gzipSync(tarOf(entries)));
}
