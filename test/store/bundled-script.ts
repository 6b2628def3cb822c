import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";

/**
 * Makes a script that plain Node can run from TypeScript that imports this project's source, for tests that need
 * several processes or threads.
 * @param folder Where the script goes.
 * @returns Its path.
 */
export function bundleScript(folder: string, name: string, source: string): string {
  const entry = join(folder, `${name}.ts`);
  const script = join(folder, `${name}.mjs`);
  writeFileSync(entry, source);
  buildSync({
    entryPoints: [entry],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
    define: { MILLRACE_VERSION: '"0.0.0"' },
  });
  return script;
}

/** The absolute path of one of this project's source files, for an import in such a script. */
export function sourceFile(path: string): string {
  return join(import.meta.dirname, "..", "..", "src", path);
}
