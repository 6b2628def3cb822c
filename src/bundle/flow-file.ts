import { readdirSync, realpathSync, statSync, type Dirent, type Stats } from "node:fs";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";
import { MillraceError } from "../core/errors/millrace-error.js";
import { nearestName } from "../core/nearest-name.js";

/** A flow as the command line names it. */
export interface FlowFile {
  /** Absolute, links followed. */
  readonly file: string;
  /** What stands after `#`. */
  readonly exportName?: string;
}

/** What files of code end in. */
export const codeExtensions: readonly string[] = [".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx"];

/**
 * Finds the file that `score.ts` or `score.ts#ScoreFlow` names, relative to `cwd`.
 * @throws MillraceError `flow-file-missing`, `flow-file-folder`, `flow-file-kind`.
 */
export function findFlowFile(reference: string, cwd: string): FlowFile {
  // A file whose own name has a # in it goes before the name of an export.
  const hash = stat(resolve(cwd, reference)) === undefined ? reference.lastIndexOf("#") : -1;
  const path = hash < 0 ? reference : reference.slice(0, hash);
  const exportName = hash < 0 ? "" : reference.slice(hash + 1);
  return { file: findCodeFile(path, cwd), ...(exportName !== "" && { exportName }) };
}

function findCodeFile(path: string, cwd: string): string {
  const file = resolve(cwd, path);
  const found = stat(file);
  if (found === undefined) {
    const near = nearFile(file);
    throw new MillraceError("flow-file-missing", { file: path, ...(near !== undefined && { near: shortPath(cwd, near) }) });
  }
  if (found.isDirectory()) {
    const files = codeFilesIn(file).map((name) => shortPath(cwd, join(file, name)));
    throw new MillraceError("flow-file-folder", { file: path, files });
  }
  if (!codeExtensions.includes(extname(file))) {
    throw new MillraceError("flow-file-kind", { file: path, extensions: codeExtensions });
  }
  return realpathSync(file);
}

/** The file that was most likely meant: the name without its ending, or with misspelt parts. */
function nearFile(file: string): string | undefined {
  const folder = sameOrNearFolder(dirname(file));
  if (folder === undefined) return undefined;
  const name = basename(file);
  const names = codeFilesIn(folder);
  const near = names.find((candidate) => candidate === name || codeExtensions.includes(candidate.slice(name.length))) ?? nearestName(name, names);
  return near === undefined ? undefined : join(folder, near);
}

function sameOrNearFolder(folder: string): string | undefined {
  if (stat(folder)?.isDirectory()) return folder;
  const parent = dirname(folder) === folder ? undefined : sameOrNearFolder(dirname(folder));
  if (parent === undefined) return undefined;
  const name = basename(folder);
  const names = entriesOf(parent).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  const near = names.includes(name) ? name : nearestName(name, names);
  return near === undefined ? undefined : join(parent, near);
}

function codeFilesIn(folder: string): string[] {
  return entriesOf(folder)
    .filter((entry) => !entry.isDirectory() && codeExtensions.includes(extname(entry.name)) && !/\.d\.[cm]?ts$/.test(entry.name))
    .map((entry) => entry.name)
    .toSorted();
}

/** What a folder holds; nothing when it cannot be read, since this is for suggestions alone. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function shortPath(cwd: string, file: string): string {
  const path = relative(cwd, file);
  return path.startsWith(`..${sep}..${sep}`) ? file : path;
}

function stat(file: string): Stats | undefined {
  try {
    return statSync(file);
  } catch {
    // Not there, or below something that is no folder, or out of reach.
    return undefined;
  }
}
