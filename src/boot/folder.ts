import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BootError } from "./boot-error.js";
import type { Fetcher } from "./boot.js";
import { persistently } from "./retry.js";

/** Reads from a datastore in a folder that this machine shares with the scheduler's. A file that was just written may take a moment to appear. */
export function folderFetcher(root: string): Fetcher {
  return (key) => {
    const file = join(root, key);
    return persistently(async () => {
      try {
        return { value: readFileSync(file) };
      } catch (error) {
        return {
          again: new BootError(
            `${file} cannot be read on this machine (${String(error)}). Is the datastore's folder shared with it, at the same path?`,
          ),
        };
      }
    });
  };
}
