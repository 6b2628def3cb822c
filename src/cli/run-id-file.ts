import { closeSync, openSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { messageOf, MillraceError } from "../core/errors/millrace-error.js";

/**
 * A function that writes a run's id to the file; made before the run starts, so that a file that cannot be written
 * stops nothing half-way.
 * @throws MillraceError `cannot-write`.
 */
export function openRunIdFile(path: string, cwd: string): (run: string) => void {
  const file = resolve(cwd, path);
  const fail = (error: unknown): never => {
    throw new MillraceError("cannot-write", { file: path, reason: messageOf(error) }, { cause: error });
  };
  try {
    closeSync(openSync(file, "a"));
  } catch (error) {
    fail(error);
  }
  return (run) => {
    try {
      writeFileSync(file, run);
    } catch (error) {
      fail(error);
    }
  };
}
