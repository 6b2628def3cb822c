import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** The project a folder belongs to: the nearest folder upward that has a package.json; without one, the folder itself. */
export function findProjectRoot(fromDir: string): string {
  const start = resolve(fromDir);
  const manifest = findUpward(start, "package.json");
  return manifest === undefined ? start : dirname(manifest);
}

/** The nearest entry of a name (`tsconfig.json`, `node_modules/zod`) in a folder or above it. */
export function findUpward(folder: string, name: string): string | undefined {
  for (const directory of foldersUpward(folder)) {
    const path = join(directory, name);
    if (existsSync(path)) return path;
  }
  return undefined;
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
