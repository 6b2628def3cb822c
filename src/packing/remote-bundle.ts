import { dirname, extname, join, resolve } from "node:path";
import { moduleOptions, preludeLine } from "../bundle/bundler.js";
import type { CodePackage, ExternalImport, PortableSourceMap } from "../bundle/code-package.js";
import { loadEsbuild, type Esbuild } from "../bundle/esbuild.js";
import type { ExecutableSourceMap } from "../bundle/executable-bundle.js";
import { metaPrelude } from "../bundle/executable-bundle.js";
import { declareExternals, variableName, type ExternalVariable } from "../bundle/external-variables.js";
import { placeholderPattern } from "../bundle/package-imports.js";
import { isMillrace } from "../bundle/package-name.js";
import { isInstalled, pathFromRoot } from "../bundle/source-path.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import { reasonAgainstBundling } from "./bundleable.js";
import { findPackage, packageOfFile, type InstalledPackage } from "./installed-package.js";
import { layOutPackages, type PackageLayout } from "./package-layout.js";
import { BUNDLE_FOLDER, packedPath, placeImports } from "./remote-imports.js";
import { isFor, type Platform } from "./platform.js";
import type { TravelRoot } from "./travel-root.js";

export interface RemoteBundleRequest {
  readonly code: CodePackage;
  /** Files of its externals on this machine, by id; those of `import()` and `require()` may be missing. */
  readonly files: ReadonlyMap<string, string>;
  readonly projectRoot: string;
  readonly root: TravelRoot;
  /** Names of packages that are not to be bundled. */
  readonly external: readonly string[];
  readonly target: Platform;
  /** By external and step: another target, as an expression. */
  readonly stepTargets: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** A flow's code in one module, with the packages that allow it. */
export interface RemoteBundle {
  readonly code: string;
  readonly map: string;
  /** Packages that travel as files. */
  readonly layout: PackageLayout;
  /** Why, by name, for those that the flow imports. */
  readonly reasons: ReadonlyMap<string, string>;
  /** Names of packages in the bundle. */
  readonly bundled: readonly string[];
}

/** How often packages may turn out to need their files; each time brings at least one more. */
const TRIES = 20;

/**
 * Makes the flow's bundle for other machines from the recorded one, so that both are the same code: imports of packages are
 * bundled in, but for those that need their own folder. These travel as files, with all they depend on: what they share with the
 * bundled packages is then loaded from there by both.
 */
export async function makeRemoteBundle(request: RemoteBundleRequest): Promise<RemoteBundle> {
  const reasons = new Map<string, string>();
  const roots = new Map<string, InstalledPackage>();
  const addRoot = (found: InstalledPackage, reason: string): void => {
    roots.set(found.folder, found);
    reasons.set(found.name, reason);
  };
  for (const name of request.external) {
    const found = findPackage(name, request.projectRoot);
    if (found !== undefined) addRoot(found, "the configuration says so");
  }
  for (const { id, kind } of request.code.manifest.externals) {
    const file = request.files.get(id) ?? "";
    const found = packageOfFile(file);
    if (found === undefined) continue;
    if (kind === "require") addRoot(found, "the flow calls require for it");
    else if (request.stepTargets.has(id)) addRoot(found, "steps have versions of their own");
    else {
      // What its first file shows need not be found by bundling.
      const reason = reasonAgainstBundling(found, [file]);
      if (reason !== undefined) addRoot(found, reason);
    }
  }
  for (let tries = 1; ; tries++) {
    const layout = layOutPackages([...roots.values()], ({ manifest }) => isFor(manifest, request.target));
    const built = await build(request, layout);
    const found = tries === TRIES ? [] : unbundleable(built, layout);
    for (const { installed, reason } of found) addRoot(installed, reason);
    if (found.length > 0) continue;
    if ("errors" in built) throw new MillraceError("bundler-failed", { reason: built.errors.map(({ text }) => text).join("\n") });
    return { ...built.output, layout, reasons, bundled: namesOf(built.inputs) };
  }
}

type Built =
  | { readonly output: { readonly code: string; readonly map: string }; readonly inputs: readonly string[] }
  | { readonly errors: readonly { readonly text: string; readonly file: string | undefined }[] };

/** Packages of this bundle that cannot be in it. */
function unbundleable(built: Built, { places }: PackageLayout): { readonly installed: InstalledPackage; readonly reason: string }[] {
  if ("errors" in built) {
    return built.errors.flatMap(({ text, file }) => {
      const installed = file === undefined ? undefined : packageOfFile(file);
      return installed === undefined || places.has(installed.folder) ? [] : [{ installed, reason: `it does not bundle: ${text}` }];
    });
  }
  const byFolder = new Map<string, { readonly installed: InstalledPackage; readonly files: string[] }>();
  for (const file of built.inputs) {
    const installed = packageOfFile(file);
    if (installed === undefined) continue;
    const group = byFolder.get(installed.folder) ?? { installed, files: [] };
    group.files.push(file);
    byFolder.set(installed.folder, group);
  }
  return [...byFolder.values()].flatMap(({ installed, files }) => {
    const reason = reasonAgainstBundling(installed, files);
    return reason === undefined ? [] : [{ installed, reason }];
  });
}

async function build(request: RemoteBundleRequest, { places }: PackageLayout): Promise<Built> {
  const { projectRoot, root } = request;
  const esbuild = loadEsbuild();
  const entry = join(projectRoot, "millrace-flow.mjs");
  const outfile = join(root.folder, BUNDLE_FOLDER, "flow.mjs");
  try {
    const result = await esbuild.build({
      ...moduleOptions,
      absWorkingDir: root.folder,
      entryPoints: [entry],
      outfile,
      legalComments: "none",
      plugins: [
        {
          name: "millrace",
          setup(bundler: Esbuild.PluginBuild) {
            bundler.onResolve({ filter: /millrace-flow\.mjs$/ }, ({ path }) => ({ path }));
            bundler.onLoad({ filter: /millrace-flow\.mjs$/ }, () => ({ contents: entryCode(request, places), loader: "js" }));
            placeImports(bundler, request, places);
          },
        },
      ],
    });
    const inputs = inputsOf(result.metafile, root.folder).filter((file) => file !== entry);
    return { output: finish(result.outputFiles, request, { places, outfile }), inputs };
  } catch (error) {
    if (!(error instanceof Error && "errors" in error)) throw error;
    const { errors } = error as Esbuild.BuildFailure;
    return { errors: errors.map(({ text, location }) => ({ text, file: location === null ? undefined : resolve(root.folder, location.file) })) };
  }
}

/** Files that the bundle has code of. */
function inputsOf({ outputs }: Esbuild.Metafile, folder: string): string[] {
  return Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs).map((input) => join(folder, input)));
}

/** The recorded bundle as the module that is bundled once more. */
function entryCode({ code, files, root, stepTargets }: RemoteBundleRequest, places: PackageLayout["places"]): string {
  const externals = new Map(code.manifest.externals.map((external) => [external.id, external]));
  const variables = new Map<string, ExternalVariable>();
  const body = code.code.replaceAll(placeholderPattern, (placeholder, id: string) => {
    const external = externals.get(id);
    const targetByStep = stepTargets.get(id);
    if (external === undefined || external.kind === "import" || (external.kind === "dynamic-import" && targetByStep === undefined))
      return placeholder;
    variables.set(id, { id, target: targetOf(external, files.get(id), places), ...(targetByStep !== undefined && { targetByStep }) });
    return variableName(id);
  });
  const project = JSON.stringify(pathFromRoot(BUNDLE_FOLDER, root.project));
  const prelude = [
    `import { fileURLToPath as __millracePath } from "node:url";`,
    ...metaPrelude(code, `__millracePath(new URL(${project}, import.meta.url))`),
    ...declareExternals([...variables.values()]),
  ];
  const map = Buffer.from(JSON.stringify(code.sourceMap)).toString("base64");
  return `${body.replace(preludeLine, () => prelude.join(" "))}\n//# sourceMappingURL=data:application/json;base64,${map}\n`;
}

function targetOf({ kind, specifier }: ExternalImport, file: string | undefined, places: PackageLayout["places"]): string {
  const packed = file === undefined || isMillrace(specifier) ? undefined : packedPath(file, places);
  return packed === undefined ? JSON.stringify(specifier) : unpackedTarget(packed, kind);
}

/** What a file of the unpacked folder is imported as, as an expression in the bundle. */
export function unpackedTarget(path: string, kind: ExternalImport["kind"]): string {
  const url = `new URL(${JSON.stringify(`../${path}`)}, import.meta.url)`;
  return kind === "require" ? `__millracePath(${url})` : `${url}.href`;
}

function finish(
  outputs: readonly Esbuild.OutputFile[],
  { code, files, root }: RemoteBundleRequest,
  { places, outfile }: Pick<PackageLayout, "places"> & { readonly outfile: string },
): { readonly code: string; readonly map: string } {
  const text = outputs.find(({ path }) => extname(path) === ".mjs")?.text ?? "";
  const entry = JSON.stringify(pathFromRoot(BUNDLE_FOLDER, join(root.project, code.manifest.entry)));
  const requires = /^var __require\d* = /m.test(text);
  const prelude = requires
    ? `import { createRequire as __millraceCreateRequire } from "node:module"; const require = __millraceCreateRequire(new URL(${entry}, import.meta.url));`
    : "";
  const made = JSON.parse(outputs.find(({ path }) => extname(path) === ".map")?.text ?? "{}") as PortableSourceMap;
  const isOwn = (source: string): boolean => !isInstalled(root.folder, resolve(dirname(outfile), source));
  const packages = code.manifest.externals.flatMap(({ id, kind, specifier }) => {
    const packed = kind === "import" ? packedPath(files.get(id) ?? "", places) : undefined;
    return packed === undefined ? [] : [[specifier, `../${packed}`] as const];
  });
  const map: ExecutableSourceMap = {
    version: 3,
    file: "flow.mjs",
    sources: made.sources.map(decodeURIComponent),
    // Errors are shown in the user's code, not in packages.
    sourcesContent: made.sourcesContent.map((content, index) => (isOwn(made.sources[index] ?? "") ? content : null)),
    names: made.names,
    mappings: made.mappings,
    x_millrace: { root: pathFromRoot(BUNDLE_FOLDER, root.project), entry: code.manifest.entry, packages: Object.fromEntries(packages) },
  };
  return { code: `${text.replace(preludeLine, () => prelude)}\n//# sourceMappingURL=flow.mjs.map\n`, map: JSON.stringify(map) };
}

function namesOf(inputs: readonly string[]): string[] {
  return [...new Set(inputs.flatMap((file) => packageOfFile(file)?.name ?? []))].toSorted();
}
