import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { SettingInputs, SettingSource } from "./settings.js";

/** The folder of the default datastore, at the project's root. */
export const DATASTORE_FOLDER = ".millrace";

const SCHEME = /^[a-z][a-z0-9+.-]+:\/\//i;

/**
 * Where a datastore is: an absolute path. Relative paths start from the folder of the command, or of the configuration
 * file that names them.
 * @throws MillraceError `datastore-unsupported` for anything but a folder.
 */
export function locateDatastore(datastore: string, source: SettingSource, { root, cwd }: Pick<SettingInputs, "root" | "cwd">): string {
  if (datastore === "local") return join(root, DATASTORE_FOLDER);
  if (/^file:\/\//i.test(datastore)) return fileURLToPath(datastore);
  if (datastore === "s3" || SCHEME.test(datastore)) throw new MillraceError("datastore-unsupported", { datastore, source: source.name });
  return resolve(source.kind === "file" ? root : cwd, datastore);
}
