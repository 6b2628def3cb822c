import { existsSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { compileFileSync, isInPackage, TYPESCRIPT_FILE } from "./compile-file.js";

/** What Node is told of a module. */
export interface LoadedModule {
  readonly format: "module" | "commonjs";
  readonly source: string;
  readonly shortCircuit: true;
}

/**
 * The file that an import means, where Node would not find it: TypeScript is imported as `./rows.js` or `./rows`, too.
 * Undefined when Node finds it by itself.
 */
export function findTypeScript(specifier: string, parentUrl: string | undefined): string | undefined {
  if (!/^\.{1,2}\//.test(specifier) || parentUrl?.startsWith("file:") !== true) return undefined;
  if (isInPackage(fileURLToPath(parentUrl)) || isFile(new URL(specifier, parentUrl))) return undefined;
  const { pathname } = new URL(specifier, parentUrl);
  const stem = specifier.slice(0, specifier.length - extname(pathname).length);
  const candidates = {
    ".js": [`${stem}.ts`, `${stem}.tsx`],
    ".mjs": [`${stem}.mts`],
    ".cjs": [`${stem}.cts`],
  }[extname(pathname)] ?? [`${specifier}.ts`, `${specifier}.tsx`, `${specifier}.mts`, `${specifier}/index.ts`];
  return candidates.map((candidate) => new URL(candidate, parentUrl)).find(isFile)?.href;
}

/** Compiles a TypeScript file of the project's; undefined for all others. */
export function loadTypeScript(url: string): LoadedModule | undefined {
  if (!url.startsWith("file:")) return undefined;
  const file = fileURLToPath(url);
  if (!TYPESCRIPT_FILE.test(file) || isInPackage(file)) return undefined;
  // Also in a package that says it is CommonJS: TypeScript is written as a module, and only a module can import millrace everywhere.
  const format = extname(file) === ".cts" ? "commonjs" : "module";
  const { code, map } = compileFileSync(readFileSync(file, "utf8"), file, format === "module" ? "esm" : "cjs");
  const inlined = `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}\n`;
  return { format, source: inlined, shortCircuit: true };
}

function isFile(url: URL): boolean {
  return existsSync(url) && extname(url.pathname) !== "";
}
