import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ArchiveFile } from "./tar.js";

/** Whether a walk takes a file or goes into a folder. */
export type Choice = (entry: { readonly name: string; readonly path: string; readonly kind: "file" | "folder" | "link" }) => boolean;

/** Paths below a folder, with forward slashes, sorted. What is neither a file nor a folder nor a link is passed over. */
export function filesBelow(folder: string, choose: Choice, path = ""): string[] {
  return readdirSync(join(folder, path), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const { name } = entry;
      const place = path === "" ? name : `${path}/${name}`;
      const kind = entry.isDirectory() ? "folder" : entry.isFile() ? "file" : entry.isSymbolicLink() ? "link" : undefined;
      if (kind === undefined || !choose({ name, path: place, kind })) return [];
      return kind === "folder" ? filesBelow(folder, choose, place) : [place];
    });
}

/** A file on its way into an archive. */
export function archiveFile(file: string, path: string): ArchiveFile {
  return { path, content: readFileSync(file), executable: (statSync(file).mode & 0o100) !== 0 };
}
