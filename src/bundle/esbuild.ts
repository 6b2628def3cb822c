import type * as Esbuild from "esbuild";

export type { Esbuild };

let loaded: Promise<typeof Esbuild> | undefined;

/** esbuild, imported when something is bundled: it takes some 25 ms, which commands that only read should not pay. */
export function loadEsbuild(): Promise<typeof Esbuild> {
  loaded ??= import("esbuild");
  return loaded;
}

/** Ends esbuild's process, if one was started. To be called when no more bundling is to come; bundling again starts it anew. */
export async function stopBundler(): Promise<void> {
  if (loaded === undefined) return;
  const esbuild = await loaded;
  await esbuild.stop();
}
