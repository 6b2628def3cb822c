import { realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileFromRoot, pathFromRoot } from "../bundle/source-path.js";
import { findUpward } from "../bundle/project-root.js";
import { archiveFile, filesBelow } from "./folder-walk.js";
import { isWithin, type TravelRoot } from "./travel-root.js";
import type { ArchiveFile } from "./tar.js";

/** Files that travel beside the code, and those that one may miss. */
export interface Assets {
  readonly files: readonly ArchiveFile[];
  readonly leftOut: readonly LeftOut[];
}

/** Something that does not travel although its suffix says so, and why. */
export interface LeftOut {
  /** Relative to the unpacked folder. */
  readonly path: string;
  readonly why: string;
}

/**
 * The files of the project, and of the workspace's packages that the flow imports, whose names end in one of the suffixes. Nothing
 * hidden, nothing installed; a link travels as the file that it names, if that is in the same folders.
 * @param modules As in a package's manifest.
 */
export function collectAssets(root: TravelRoot, modules: readonly string[], suffixes: readonly string[]): Assets {
  const files: ArchiveFile[] = [];
  const leftOut: LeftOut[] = [];
  if (suffixes.length === 0) return { files, leftOut };
  for (const folder of assetFolders(root, modules)) {
    const place = (path: string): string => pathFromRoot(root.folder, join(folder, path));
    const paths = filesBelow(folder, ({ name, path, kind }) => {
      const isHidden = name.startsWith(".");
      if (kind === "folder") return !isHidden && name !== "node_modules";
      const matches = suffixes.some((suffix) => name.endsWith(suffix));
      if (!matches) return false;
      const why = isHidden ? "hidden files never travel" : kind === "link" ? linkProblem(join(folder, path), root.folder) : undefined;
      if (why !== undefined) leftOut.push({ path: place(path), why });
      return why === undefined;
    });
    files.push(...paths.map((path) => archiveFile(join(folder, path), place(path))));
  }
  return { files, leftOut };
}

/** The project's folder and those of other packages that modules are of; none within another. */
function assetFolders({ folder, project }: TravelRoot, modules: readonly string[]): string[] {
  const own = join(folder, project);
  const others = modules.flatMap((path) => {
    const manifest = path.startsWith("../") ? findUpward(fileFromRoot(own, path), "package.json") : undefined;
    const other = manifest === undefined ? undefined : join(manifest, "..");
    return other === undefined || !isWithin(folder, other) ? [] : [other];
  });
  const all = [...new Set([own, ...others])];
  return all.filter((candidate) => !all.some((other) => other !== candidate && isWithin(other, candidate)));
}

function linkProblem(link: string, folder: string): string | undefined {
  try {
    const target = realpathSync(link);
    if (!isWithin(folder, target)) return `it is a link to ${target}, outside the project`;
    return statSync(target).isFile() ? undefined : "it is a link to a folder";
  } catch {
    return "it is a link to nothing";
  }
}
