import { CODE_FILE, compileFile, isInPackage, type CompiledFile } from "./compile-file.js";

/** The part of a Vite plugin that millrace's is. */
export interface MillraceVitePlugin {
  readonly name: "millrace";
  readonly enforce: "pre";
  transform(code: string, id: string): Promise<CompiledFile | undefined>;
}

/** Decorators, or what looks like one: a needless compilation does no harm. */
const MAY_HAVE_DECORATORS = /(?:^|[\s;{}()])@[\p{ID_Start}$_(]/mu;

/**
 * Lets Vitest run files that hold flows: compiles their decorators, which Vite's own compiler leaves as they are since
 * Vite 8. Other files are left alone.
 *
 * @example
 * // vitest.config.ts
 * import { millrace } from "millrace/vite";
 * import { defineConfig } from "vitest/config";
 *
 * export default defineConfig({ plugins: [millrace()] });
 */
export function millrace(): MillraceVitePlugin {
  return {
    name: "millrace",
    enforce: "pre",
    async transform(code, id) {
      const [file = "", query] = id.split("?");
      const isCode = CODE_FILE.test(file) && !isInPackage(file) && !file.startsWith("\0") && !/\b(?:raw|url)\b/.test(query ?? "");
      return isCode && MAY_HAVE_DECORATORS.test(code) ? compileFile(code, file, "esm") : undefined;
    },
  };
}
