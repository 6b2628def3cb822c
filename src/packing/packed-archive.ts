import { createHash } from "node:crypto";
import { tarOf, type ArchiveFile } from "./tar.js";

/** An archive that is made here. */
export interface PackedArchive {
  readonly name: "flow" | "dependencies" | "packages";
  readonly tar: Uint8Array;
  /** SHA-256 (hex) of it. */
  readonly sha256: string;
  readonly files: readonly PackedFile[];
}

export interface PackedFile {
  readonly path: string;
  readonly bytes: number;
}

export function packArchive(name: PackedArchive["name"], files: readonly ArchiveFile[]): PackedArchive {
  const tar = tarOf(files);
  return {
    name,
    tar,
    sha256: createHash("sha256").update(tar).digest("hex"),
    files: files.map(({ path, content }) => ({ path, bytes: content.length })),
  };
}
