import { createRequire } from "node:module";
import type * as Esbuild from "esbuild";

export type { Esbuild };

const require = createRequire(import.meta.url);
let loaded: typeof Esbuild | undefined;

/**
 * esbuild, loaded when something is bundled: commands that only read should not pay for it. By `require`, which takes
 * a third of the time that `import()` of the same CommonJS file takes (8 ms, not 22).
 */
export function loadEsbuild(): typeof Esbuild {
  loaded ??= require("esbuild") as typeof Esbuild;
  return loaded;
}

/** Ends esbuild's process, if one was started. To be called when no more bundling is to come; bundling again starts it anew. */
export async function stopBundler(): Promise<void> {
  await loaded?.stop();
}
