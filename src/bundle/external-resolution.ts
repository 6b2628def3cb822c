import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { CodePackage, ExternalImport, ImportKind } from "./code-package.js";
import { loadEsbuild, type Esbuild } from "./esbuild.js";
import { nodeConditions } from "./package-imports.js";
import { fileFromRoot } from "./source-path.js";

/**
 * Files of a package's externals on this machine, by id: from the importer's folder in the project, then from the
 * project's root, then from the further folders. What is found nowhere is missing.
 */
export async function resolveExternals(
  externals: readonly ExternalImport[],
  { projectRoot, fallbackDirs }: { readonly projectRoot: string; readonly fallbackDirs: readonly string[] },
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (externals.length === 0) return found;
  const esbuild = loadEsbuild();
  await esbuild.build({
    stdin: { contents: "", resolveDir: projectRoot },
    absWorkingDir: projectRoot,
    write: false,
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: nodeConditions,
    logLevel: "silent",
    plugins: [
      {
        name: "millrace",
        setup(build) {
          build.onStart(async () => {
            await Promise.all(
              externals.map(async (external) => {
                const folders = [dirname(fileFromRoot(projectRoot, external.importer)), projectRoot, ...fallbackDirs];
                const file = await resolveFrom(build, external, folders);
                if (file !== undefined) found.set(external.id, file);
              }),
            );
          });
        },
      },
    ],
  });
  return found;
}

async function resolveFrom(build: Esbuild.PluginBuild, external: ExternalImport, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of new Set(folders)) {
    if (!existsSync(folder)) continue;
    const result = await build.resolve(external.specifier, { kind: esbuildKinds[external.kind], resolveDir: folder });
    if (result.errors.length === 0 && result.namespace === "file") return result.path;
  }
  return undefined;
}

const esbuildKinds: Readonly<Record<ImportKind, Esbuild.ImportKind>> = {
  import: "import-statement",
  "dynamic-import": "dynamic-import",
  require: "require-call",
};

/** Where an external is imported, in its importer's source: for messages. The first place that names it. */
export function findImport(
  pkg: CodePackage,
  external: ExternalImport,
): { readonly source: string; readonly line: number; readonly column: number } | undefined {
  const index = pkg.sourceMap.sources.indexOf(external.importer);
  const source = pkg.sourceMap.sourcesContent[index];
  if (source === undefined || source === null) return undefined;
  const quoted = external.specifier.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const match = new RegExp(`(?:from|import|require|resolve)\\s*\\(?\\s*(["'\`]${quoted}["'\`])`, "d").exec(source);
  const offset = match?.indices?.[1]?.[0];
  if (offset === undefined) return undefined;
  const before = source.slice(0, offset).split("\n");
  return { source, line: before.length, column: (before.at(-1) ?? "").length + 1 };
}
