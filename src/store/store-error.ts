import { MillraceError, messageOf } from "../core/errors/millrace-error.js";

/** Says in words what a file system's error means for the datastore. */
export function storeError(action: "read" | "write", path: string, error: unknown): MillraceError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const options = { cause: error };
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return new MillraceError("datastore-full", { path, reason: messageOf(error) }, options);
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new MillraceError("datastore-denied", { path, action, reason: messageOf(error) }, options);
    default:
      return new MillraceError("datastore-io", { path, action, reason: messageOf(error) }, options);
  }
}
