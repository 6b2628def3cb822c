import { createRequire } from "node:module";
import type * as Esbuild from "esbuild";

export type { Esbuild };

const require = createRequire(import.meta.url);
let loaded: typeof Esbuild | undefined;
let users = 0;

/**
 * Does work that bundles, and ends esbuild's process when nobody in this process bundles any more; bundling again
 * starts it anew.
 */
export async function withBundler<T>(work: () => Promise<T>): Promise<T> {
  users++;
  try {
    return await work();
  } finally {
    if (--users === 0) await stopBundler();
  }
}

/** Ends esbuild's process, if one was started. */
export async function stopBundler(): Promise<void> {
  await loaded?.stop();
}

/**
 * esbuild, loaded when something is bundled: commands that only read should not pay for it. By `require`, which takes
 * a third of the time that `import()` of the same CommonJS file takes (8 ms, not 22).
 */
export function loadEsbuild(): typeof Esbuild {
  loaded ??= loadOwn();
  return loaded;
}

/** An instance of our own: a program that runs flows may use esbuild itself (Vite does), and ours is stopped. */
function loadOwn(): typeof Esbuild {
  const file = require.resolve("esbuild");
  const shared = require.cache[file];
  delete require.cache[file];
  try {
    return require(file) as typeof Esbuild;
  } finally {
    if (shared === undefined) delete require.cache[file];
    else require.cache[file] = shared;
  }
}
