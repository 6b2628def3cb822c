import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** The project a folder belongs to: the nearest folder upward that has a package.json; without one, the folder itself. */
export function findProjectRoot(fromDir: string): string {
  const start = resolve(fromDir);
  for (const directory of foldersUpward(start)) {
    if (existsSync(join(directory, "package.json"))) return directory;
  }
  return start;
}

/** A folder and all above it, innermost first. */
export function* foldersUpward(from: string): Generator<string> {
  let directory = from;
  for (;;) {
    yield directory;
    const parent = dirname(directory);
    if (parent === directory) return;
    directory = parent;
  }
}
