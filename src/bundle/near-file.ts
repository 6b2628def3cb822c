import { readdirSync, statSync, type Dirent, type Stats } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { nearestName } from "../core/nearest-name.js";

/** What files of code end in. */
export const codeExtensions: readonly string[] = [".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx"];

/** The entry that a path to nothing most likely means: the same name with another ending, or a path with misspelt parts. */
export function nearFile(file: string, isWanted: (entry: Dirent) => boolean): string | undefined {
  const folder = sameOrNearFolder(dirname(file));
  if (folder === undefined) return undefined;
  const names = entriesOf(folder).flatMap((entry) => (isWanted(entry) ? [entry.name] : []));
  const stem = withoutEnding(basename(file));
  const nearStem = names.some((name) => withoutEnding(name) === stem) ? stem : nearestName(stem, names.map(withoutEnding));
  const near = names.find((name) => withoutEnding(name) === nearStem);
  return near === undefined ? undefined : join(folder, near);
}

function sameOrNearFolder(folder: string): string | undefined {
  if (isFolder(folder)) return folder;
  const parent = dirname(folder) === folder ? undefined : sameOrNearFolder(dirname(folder));
  if (parent === undefined) return undefined;
  const name = basename(folder);
  const names = entriesOf(parent).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  const near = names.includes(name) ? name : nearestName(name, names);
  return near === undefined ? undefined : join(parent, near);
}

/** The names of a folder's code files, without declarations. */
export function codeFilesIn(folder: string): string[] {
  return entriesOf(folder)
    .flatMap((entry) => (isCodeFile(entry) ? [entry.name] : []))
    .toSorted();
}

export function isCodeFile(entry: Dirent): boolean {
  return !entry.isDirectory() && codeExtensions.includes(extname(entry.name)) && !/\.d\.[cm]?ts$/.test(entry.name);
}

/** A file's name without the ending of a code file. */
export function withoutEnding(name: string): string {
  const extension = extname(name);
  return codeExtensions.includes(extension) ? name.slice(0, -extension.length) : name;
}

export function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory() ?? false;
}

/** Undefined when it is not there, or below something that is no folder, or out of reach. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** What a folder holds; nothing when it cannot be read, since this is for suggestions alone. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
