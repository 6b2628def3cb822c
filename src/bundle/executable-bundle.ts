import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { messageOf, MillraceError } from "../core/errors/millrace-error.js";
import { preludeLine } from "./bundler.js";
import type { CodePackage, ExternalImport } from "./code-package.js";
import { resolveExternals } from "./external-resolution.js";
import { declareExternals, variableName, type ExternalVariable } from "./external-variables.js";
import { metaFunction } from "./import-meta.js";
import { packagesMissing } from "./missing-packages.js";
import { placeholderPattern } from "./package-imports.js";
import { isMillrace } from "./package-name.js";
import { fileFromRoot } from "./source-path.js";

export interface MaterialiseOptions {
  /** Where executable copies are kept; made if need be. */
  readonly cacheDir: string;
  /** The project's folder on this machine. */
  readonly projectRoot: string;
  /** Further folders to look for packages from, after the importer's own and the project's root. */
  readonly fallbackDirs?: readonly string[];
  /** The URL of `millrace` or `millrace/…` in the installation that runs; undefined when it has no such path. */
  resolveMillrace(specifier: string): string | undefined;
  /** By external and step: what else it is imported as, as an expression, where a step has packages of its own. */
  readonly stepTargets?: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/**
 * A source map of an executable copy: absolute sources, and what a locator needs to name them from the project's root. In one that
 * travels, every path starts from the bundle's folder.
 */
export interface ExecutableSourceMap {
  readonly version: 3;
  readonly file: string;
  readonly sources: readonly string[];
  readonly sourcesContent: readonly (string | null)[];
  readonly names: readonly string[];
  readonly mappings: string;
  readonly x_millrace: {
    /** The project's root, absolute in a copy for this machine. */
    readonly root: string;
    /** The flow's file, relative to it. */
    readonly entry: string;
    /** URLs of the packages that the bundle imports, by the specifier in the source. */
    readonly packages: Readonly<Record<string, string>>;
  };
}

/**
 * Writes the copy of a package that Node can import on this machine, `<cacheDir>/<key>/flow.mjs` with its map, and
 * returns its path. A copy that is there and intact is used again. The path depends on the copy's content alone.
 * @throws MillraceError `package-missing`, `package-path-missing` for imports that do not resolve; those of
 * `import()` and `require()` fail only when they run, as in Node. `code-cache-unwritable`.
 */
export async function materialisePackage(pkg: CodePackage, options: MaterialiseOptions): Promise<string> {
  const projectRoot = realpathSync(options.projectRoot);
  const targets = await findTargets(pkg, { ...options, projectRoot });
  const code = executableCode(pkg, projectRoot, targets, options);
  const map = JSON.stringify(executableMap(pkg, projectRoot, targets));
  const key = createHash("sha256").update(code).update("\0").update(map).digest("hex").slice(0, 32);
  const folder = join(options.cacheDir, key);
  try {
    mkdirSync(folder, { recursive: true });
    // The map first: whoever finds the code finds its map.
    writeWhole(join(folder, "flow.mjs.map"), map);
    writeWhole(join(folder, "flow.mjs"), code);
  } catch (error) {
    throw new MillraceError("code-cache-unwritable", { directory: options.cacheDir, reason: messageOf(error) }, { cause: error });
  }
  return join(folder, "flow.mjs");
}

/** What each external is imported as: a URL, or a path where `require` takes it. */
async function findTargets(pkg: CodePackage, options: MaterialiseOptions): Promise<ReadonlyMap<string, string>> {
  const { externals } = pkg.manifest;
  const files = new Map<string, string>();
  for (const external of externals) {
    const url = isMillrace(external.specifier) ? options.resolveMillrace(external.specifier) : undefined;
    const file = url === undefined ? pkg.resolutions?.get(external.id) : fileURLToPath(url);
    if (file !== undefined) files.set(external.id, file);
  }
  const unresolved = externals.filter(({ id, specifier }) => !files.has(id) && !isMillrace(specifier));
  const resolved = await resolveExternals(unresolved, { projectRoot: options.projectRoot, fallbackDirs: options.fallbackDirs ?? [] });
  for (const [id, file] of resolved) files.set(id, file);

  const missing = externals.filter(({ id, kind }) => !files.has(id) && kind === "import");
  if (missing.length > 0) throw packagesMissing(pkg, missing, options.projectRoot);
  return new Map(externals.map((external) => [external.id, targetOf(external, files.get(external.id))]));
}

function targetOf({ kind, specifier }: ExternalImport, file: string | undefined): string {
  if (file === undefined) return specifier;
  return kind === "require" ? file : pathToFileURL(file).href;
}

/**
 * Fills in a bundle's placeholders. An import declaration's specifier stands at the end of its line, so it may grow;
 * elsewhere the placeholder becomes a variable whose name is just as long, so that the source map stays right.
 */
function executableCode(pkg: CodePackage, projectRoot: string, targets: ReadonlyMap<string, string>, { stepTargets }: MaterialiseOptions): string {
  const variables = new Map<string, ExternalVariable>();
  const kinds = new Map(pkg.manifest.externals.map(({ id, kind }) => [id, kind]));
  const body = pkg.code.replaceAll(placeholderPattern, (placeholder, id: string) => {
    const target = targets.get(id);
    const targetByStep = stepTargets?.get(id);
    if (target === undefined) return placeholder;
    if (kinds.get(id) === "import") return JSON.stringify(target);
    variables.set(id, { id, target: JSON.stringify(target), ...(targetByStep !== undefined && { targetByStep }) });
    return variableName(id);
  });
  const prelude = [
    ...metaPrelude(pkg, JSON.stringify(projectRoot)),
    ...requirePrelude(pkg, projectRoot),
    ...declareExternals([...variables.values()]),
  ];
  return `${body.replace(preludeLine, () => prelude.join(" "))}\n//# sourceMappingURL=flow.mjs.map\n`;
}

/**
 * Defines what makes a module's `import.meta`, see import-meta.ts.
 * @param root An expression for the project's folder.
 */
export function metaPrelude(pkg: CodePackage, root: string): string[] {
  if (!pkg.code.includes(metaFunction)) return [];
  return [
    `import { dirname as __millraceDirname, resolve as __millraceResolve } from "node:path";`,
    `import { pathToFileURL as __millraceUrl } from "node:url";`,
    `const ${metaFunction} = (path) => { const filename = __millraceResolve(${root}, path); const url = __millraceUrl(filename).href;`,
    String.raw`const resolve = (specifier) => (/^\.{0,2}\//.test(specifier) ? new URL(specifier, url).href : import.meta.resolve(specifier));`,
    `return { url, filename, dirname: __millraceDirname(filename), main: false, resolve }; };`,
  ];
}

/** esbuild's own `require` in an ES module uses a `require` in scope, if there is one; user code's is renamed when both are there. */
function requirePrelude(pkg: CodePackage, projectRoot: string): string[] {
  if (!/^var __require = /m.test(pkg.code)) return [];
  const entry = JSON.stringify(fileFromRoot(projectRoot, pkg.manifest.entry));
  return [`import { createRequire as __millraceCreateRequire } from "node:module"; const require = __millraceCreateRequire(${entry});`];
}

function executableMap({ manifest, sourceMap }: CodePackage, projectRoot: string, targets: ReadonlyMap<string, string>): ExecutableSourceMap {
  const packages = manifest.externals.filter(({ kind }) => kind === "import").map(({ id, specifier }) => [specifier, targets.get(id) ?? specifier]);
  return {
    version: 3,
    file: "flow.mjs",
    sources: sourceMap.sources.map((source, index) =>
      sourceMap.sourcesContent[index] === null ? source : pathToFileURL(fileFromRoot(projectRoot, source)).href,
    ),
    sourcesContent: sourceMap.sourcesContent,
    names: sourceMap.names,
    mappings: sourceMap.mappings,
    x_millrace: { root: projectRoot, entry: manifest.entry, packages: Object.fromEntries(packages) },
  };
}

/**
 * Writes a file so that others see it whole or not at all; one with this content is left alone. Synchronously: nothing
 * else is to be done meanwhile, and for files this small it takes a third of the time.
 */
function writeWhole(file: string, text: string): void {
  if (readText(file) === text) return;
  const partial = `${file}.${randomUUID()}.partial`;
  try {
    writeFileSync(partial, text);
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Absent or unreadable: it is written anew, and that says what is wrong.
    return undefined;
  }
}
