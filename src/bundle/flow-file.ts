import { realpathSync } from "node:fs";
import { extname, join, relative, resolve, sep } from "node:path";
import { MillraceError } from "../core/errors/millrace-error.js";
import { codeExtensions, codeFilesIn, isCodeFile, nearFile, statOf } from "./near-file.js";

export { codeExtensions };

/** A flow as the command line names it. */
export interface FlowFile {
  /** Absolute, links followed. */
  readonly file: string;
  /** What stands after `#`. */
  readonly exportName?: string;
}

/**
 * Finds the file that `score.ts` or `score.ts#ScoreFlow` names, relative to `cwd`.
 * @throws MillraceError `flow-file-missing`, `flow-file-folder`, `flow-file-kind`.
 */
export function findFlowFile(reference: string, cwd: string): FlowFile {
  // A file whose own name has a # in it goes before the name of an export.
  const hash = statOf(resolve(cwd, reference)) === undefined ? reference.lastIndexOf("#") : -1;
  const path = hash < 0 ? reference : reference.slice(0, hash);
  const exportName = hash < 0 ? "" : reference.slice(hash + 1);
  return { file: findCodeFile(path, cwd), ...(exportName !== "" && { exportName }) };
}

function findCodeFile(path: string, cwd: string): string {
  const file = resolve(cwd, path);
  const found = statOf(file);
  if (found === undefined) {
    const near = nearFile(file, isCodeFile);
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

function shortPath(cwd: string, file: string): string {
  const path = relative(cwd, file);
  return path.startsWith(`..${sep}..${sep}`) ? file : path;
}
