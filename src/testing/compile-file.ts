import { dirname, extname } from "node:path";
import { loadEsbuild, type Esbuild } from "../bundle/esbuild.js";
import { findUpward } from "../bundle/project-root.js";

/** A TypeScript file as JavaScript. */
export interface CompiledFile {
  readonly code: string;
  /** A source map, as JSON. */
  readonly map: string;
}

/** Files that a test runner's own compiler may not know the decorators of. */
export const CODE_FILE = /\.[cm]?[jt]sx?$/;

/** TypeScript, which Node runs in part or not at all. */
export const TYPESCRIPT_FILE = /\.(?:[cm]?ts|tsx)$/;

export function isInPackage(file: string): boolean {
  return /[\\/]node_modules[\\/]/.test(file);
}

/** Compiles one file of a test as `millrace run` compiles a flow's: standard decorators become plain code, names and lines stay. */
export async function compileFile(source: string, file: string, format: "esm" | "cjs"): Promise<CompiledFile> {
  return outputOf(await loadEsbuild().build(optionsFor(source, file, format)));
}

export function compileFileSync(source: string, file: string, format: "esm" | "cjs"): CompiledFile {
  return outputOf(loadEsbuild().buildSync(optionsFor(source, file, format)));
}

function optionsFor(source: string, file: string, format: "esm" | "cjs") {
  const tsconfig = findUpward(dirname(file), "tsconfig.json");
  return {
    stdin: { contents: source, sourcefile: file, resolveDir: dirname(file), loader: loaderOf(file) },
    outfile: `${file}.compiled.js`,
    absWorkingDir: dirname(file),
    bundle: false,
    write: false,
    platform: "node",
    format,
    target: "node20.19",
    keepNames: true,
    charset: "utf8",
    sourcemap: "external",
    sourcesContent: true,
    // Flows use standard decorators, whatever the rest of the project does.
    tsconfigRaw: JSON.stringify({ ...(tsconfig !== undefined && { extends: tsconfig }), compilerOptions: { experimentalDecorators: false } }),
    logLevel: "silent",
  } as const satisfies Esbuild.BuildOptions;
}

function loaderOf(file: string): Esbuild.Loader {
  const extension = extname(file);
  if (extension === ".tsx" || extension === ".jsx") return extension === ".tsx" ? "tsx" : "jsx";
  return extension.endsWith("ts") ? "ts" : "js";
}

function outputOf({ outputFiles }: Esbuild.BuildResult<{ write: false }>): CompiledFile {
  const text = (end: string): string => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? "";
  return { code: text(".js"), map: text(".map") };
}
