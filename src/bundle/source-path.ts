import { isAbsolute, join, relative, sep } from "node:path";

/** A file's path from the project's root, with forward slashes; for files outside it this starts with `../`. */
export function pathFromRoot(projectRoot: string, file: string): string {
  return relative(projectRoot, file).split(sep).join("/");
}

/** The file that {@link pathFromRoot} named. */
export function fileFromRoot(projectRoot: string, path: string): string {
  return isAbsolute(path) ? path : join(projectRoot, path);
}

/** A file as source positions name it: relative to the project's root, absolute outside it. */
export function shownPath(projectRoot: string, file: string): string {
  const path = pathFromRoot(projectRoot, file);
  return isOutside(path) ? file.split(sep).join("/") : path;
}

function isOutside(path: string): boolean {
  return path === ".." || path.startsWith("../") || isAbsolute(path);
}

/** Whether a file belongs to an installed package, not to the project's own code. */
export function isInstalled(projectRoot: string, file: string): boolean {
  const path = pathFromRoot(projectRoot, file);
  // A project may itself stand in a node_modules folder: only what is below its root counts.
  return `/${isOutside(path) ? file.split(sep).join("/") : path}`.includes("/node_modules/");
}
