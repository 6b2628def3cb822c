import { realpathSync } from "node:fs";
import { join } from "node:path";
import { messageOf, MillraceError } from "../core/errors/millrace-error.js";
import { createPackage, type CodePackage, type PortableSourceMap } from "./code-package.js";
import { loadEsbuild, type Esbuild } from "./esbuild.js";
import { importMetaDefinitions, isMetaModule, keepImportMeta, withoutImportMeta } from "./import-meta.js";
import { collectPackageImports, nodeConditions, placeholderPattern, type PackageImports } from "./package-imports.js";
import { bundleError } from "./source-problems.js";
import { pathFromRoot } from "./source-path.js";
import { tsconfigOverride } from "./tsconfig-override.js";

export interface BundleRequest {
  /** The flow's file, absolute. */
  readonly file: string;
  /** Absolute; paths in the package are relative to it. */
  readonly projectRoot: string;
}

/** The line of a bundle that is kept free for what only the machine at hand knows. */
export const preludeLine = "/* millrace: prelude */";

/**
 * Bundles a flow's file with all code of the project that it imports into one package.
 * @throws MillraceError `flow-syntax`, `import-missing`, `import-unsupported`, each with every problem found;
 * `bundler-failed` when esbuild itself does not run.
 */
export async function bundleFlow(request: BundleRequest): Promise<CodePackage> {
  // esbuild names files by their real paths, so the root has to be a real path too.
  const projectRoot = realpathSync(request.projectRoot);
  const file = realpathSync(request.file);
  const esbuild = loadEsbuild();
  let imports: PackageImports | undefined;
  const override = tsconfigOverride(file);
  const entry = pathFromRoot(projectRoot, file);
  let result: Esbuild.BuildResult<{ write: false; metafile: true }>;
  try {
    result = await esbuild.build({
      ...buildOptions,
      absWorkingDir: projectRoot,
      entryPoints: [file],
      outfile: join(projectRoot, "flow.mjs"),
      ...(override !== undefined && { tsconfigRaw: override }),
      plugins: [
        {
          name: "millrace",
          setup(build: Esbuild.PluginBuild) {
            keepImportMeta(build, projectRoot);
            refuseStyleSheets(build, projectRoot);
            imports = collectPackageImports(build, projectRoot);
          },
        },
      ],
    });
  } catch (error) {
    if (!isBuildFailure(error)) throw new MillraceError("bundler-failed", { reason: messageOf(error) }, { cause: error });
    throw bundleError(entry, projectRoot, error.errors);
  }
  return packageOf(entry, result, imports);
}

/** How esbuild makes a flow's module, for this machine and for others. */
export const moduleOptions = {
  bundle: true,
  write: false,
  metafile: true,
  platform: "node",
  format: "esm",
  target: "node20.19",
  conditions: nodeConditions,
  sourcemap: "external",
  keepNames: true,
  // Node runs a module for its side effects whatever its package.json says of them.
  ignoreAnnotations: true,
  charset: "utf8",
  banner: { js: preludeLine },
  logLevel: "silent",
  logLimit: 0,
} as const satisfies Esbuild.BuildOptions;

const buildOptions = {
  ...moduleOptions,
  sourcesContent: true,
  define: { ...importMetaDefinitions },
  // Node refuses such an import; without this it would be undefined.
  logOverride: { "import-is-undefined": "error" },
} as const satisfies Esbuild.BuildOptions;

/** esbuild would write a second file for them, which nothing in Node reads. */
function refuseStyleSheets(build: Esbuild.PluginBuild, projectRoot: string): void {
  build.onLoad({ filter: /\.css$/ }, ({ path }) => ({
    errors: [{ text: `No loader is configured for ".css" files: ${pathFromRoot(projectRoot, path)}` }],
  }));
}

function packageOf(entry: string, result: Esbuild.BuildResult<{ write: false; metafile: true }>, imports: PackageImports | undefined): CodePackage {
  const code = result.outputFiles.find((output) => output.path.endsWith(".mjs"))?.text ?? "";
  const map = result.outputFiles.find((output) => output.path.endsWith(".map"))?.text ?? "{}";
  // Imports in code that nothing reaches are not in the bundle, and need not resolve.
  const used = new Set(Array.from(code.matchAll(placeholderPattern), (match) => match[1]));
  const externals = [...(imports?.externals.values() ?? [])].filter(({ id }) => used.has(id)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const modules = Object.keys(result.metafile.inputs)
    .filter((name) => !isMetaModule(name))
    .toSorted();
  return createPackage({ manifest: { format: 1, entry, modules, externals }, code, sourceMap: portableMap(map) }, imports?.resolutions);
}

/** esbuild's map with plain paths as sources and the sources' own text. */
function portableMap(text: string): PortableSourceMap {
  const map = JSON.parse(text) as PortableSourceMap;
  return {
    version: 3,
    sources: map.sources.map((source) => decodeURIComponent(source)),
    sourcesContent: map.sourcesContent.map((content, index) =>
      isMetaModule(map.sources[index] ?? "") || content === null ? null : withoutImportMeta(content),
    ),
    names: map.names,
    mappings: map.mappings,
  };
}

function isBuildFailure(error: unknown): error is Esbuild.BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}
