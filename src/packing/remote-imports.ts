import { dirname, join } from "node:path";
import type { CodePackage } from "../bundle/code-package.js";
import type { Esbuild } from "../bundle/esbuild.js";
import { isMillrace } from "../bundle/package-name.js";
import { pathFromRoot } from "../bundle/source-path.js";
import { packageOfFile } from "./installed-package.js";
import type { PackageLayout } from "./package-layout.js";
import type { TravelRoot } from "./travel-root.js";

/** Where the bundle stands in the unpacked folder. */
export const BUNDLE_FOLDER = ".flow";

/** What the imports of a recorded bundle mean on this machine. */
export interface RecordedImports {
  readonly code: CodePackage;
  /** Files of its externals, by id. */
  readonly files: ReadonlyMap<string, string>;
  readonly root: TravelRoot;
}

/**
 * Says what becomes of imports, the flow's own and those of packages: millrace is the runtime's, packages that travel as files are
 * loaded from their places, and all others are bundled.
 */
export function placeImports(bundler: Esbuild.PluginBuild, { code, files, root }: RecordedImports, places: PackageLayout["places"]): void {
  const externals = new Map(code.manifest.externals.map((external) => [external.id, external]));
  bundler.onResolve({ filter: /^millrace-external:/ }, ({ path }) => {
    const external = externals.get(path.slice(path.indexOf(":") + 1));
    const file = external === undefined ? undefined : files.get(external.id);
    if (file === undefined || external === undefined || isMillrace(external.specifier)) return { path: external?.specifier ?? path, external: true };
    const packed = packedPath(file, places);
    return packed === undefined ? { path: file } : { path: `../${packed}`, external: true };
  });
  bundler.onResolve({ filter: /^millrace(?:\/|$)/ }, ({ path }) => ({ path, external: true }));
  if (places.size === 0) return;
  // Only imports of these names come here: a question takes a millisecond, and packages have thousands of imports.
  bundler.onResolve({ filter: namesPattern(places) }, async ({ path, pluginData, ...args }) => {
    if (pluginData === asked) return undefined;
    const found = await bundler.resolve(path, { ...args, pluginData: asked });
    const packed = found.errors.length > 0 || found.namespace !== "file" || found.external ? undefined : packedPath(found.path, places);
    if (packed === undefined) return undefined;
    // What `require` takes starts from the flow's file, as at home.
    const from = args.kind.startsWith("require") ? dirname(join(root.project, code.manifest.entry)) : BUNDLE_FOLDER;
    return { path: pathFromRoot(from, packed).replace(/^(?!\.)/, "./"), external: true };
  });
}

/** Marks questions of our own, which are for esbuild to answer. */
const asked = Symbol("asked");

function namesPattern(places: PackageLayout["places"]): RegExp {
  const names = new Set(Array.from(places.values(), (place) => place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length)));
  return new RegExp(`^(?:${[...names].map((name) => name.replaceAll(".", "\\.")).join("|")})(?:/|$)`);
}

/** A file's path in the unpacked folder; undefined when its package does not travel as files. */
export function packedPath(file: string, places: PackageLayout["places"]): string | undefined {
  const installed = packageOfFile(file);
  const place = installed === undefined ? undefined : places.get(installed.folder);
  return installed === undefined || place === undefined ? undefined : `${place}/${pathFromRoot(installed.folder, file)}`;
}
