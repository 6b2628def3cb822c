import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { findUpward } from "./project-root.js";

/**
 * What to tell esbuild in place of the project's tsconfig.json when that file turns on `experimentalDecorators`, or may
 * do so through what it extends: flows use standard decorators, whatever the rest of the project does. Everything else
 * in the file (paths, jsx …) stays. Undefined when esbuild can read the file by itself.
 */
export function tsconfigOverride(flowFile: string): string | undefined {
  const file = findUpward(dirname(flowFile), "tsconfig.json");
  if (file === undefined || !mayUseLegacyDecorators(file, new Set())) return undefined;
  return JSON.stringify({ extends: file, compilerOptions: { experimentalDecorators: false } });
}

/** Looks at the text only: a comment that mentions the option costs nothing but the override. */
function mayUseLegacyDecorators(file: string, seen: Set<string>): boolean {
  if (seen.has(file)) return false;
  seen.add(file);
  const text = readText(file);
  if (text.includes("experimentalDecorators")) return true;
  if (!text.includes('"extends"')) return false;
  const base = /"extends"\s*:\s*"(\.{1,2}\/[^"]+)"/.exec(text)?.[1];
  // A base from a package, or several: esbuild finds them.
  if (base === undefined) return true;
  const path = resolve(dirname(file), base);
  return mayUseLegacyDecorators(existsSync(path) ? path : `${path}.json`, seen);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // esbuild says what is wrong with it.
    return "";
  }
}
