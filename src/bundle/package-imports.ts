import { createHash } from "node:crypto";
import { isBuiltin } from "node:module";
import { extname, isAbsolute } from "node:path";
import type { ExternalImport, ImportKind } from "./code-package.js";
import type { Esbuild } from "./esbuild.js";
import { isMillrace, packageName } from "./package-name.js";
import { findUpward } from "./project-root.js";
import { isInstalled, pathFromRoot } from "./source-path.js";

const externalPrefix = "millrace-external:";

/** Finds the placeholders in a bundle; the id is the first group. They are as long as identifiers made of the same id can be. */
export const placeholderPattern = new RegExp(`"${externalPrefix}([0-9a-f]{16})"`, "g");

/** Conditions beside esbuild's own, so that a package resolves to the very file that Node would load. */
export const nodeConditions: string[] = process.features.require_module ? ["node-addons", "module-sync"] : ["node-addons"];

/** What a bundle imports from packages. */
export interface PackageImports {
  readonly externals: ReadonlyMap<string, ExternalImport>;
  /** Files by external id; those that did not resolve are missing. */
  readonly resolutions: ReadonlyMap<string, string>;
}

/**
 * Leaves imports of installed packages out of the bundle, each as a placeholder, and notes what it resolves to from its
 * importer's own folder. What a bare import finds in the project itself (tsconfig `paths`, `#imports`, packages of the
 * workspace) is bundled.
 */
export function collectPackageImports(build: Esbuild.PluginBuild, projectRoot: string): PackageImports {
  const externals = new Map<string, ExternalImport>();
  const resolutions = new Map<string, string>();
  const resolve = sharedResolve(build);

  build.onResolve({ filter: /^[^./]/ }, async (args) => {
    const kind = importKinds[args.kind];
    if (kind === undefined || args.pluginData === asked || isAbsolute(args.path) || isBuiltin(args.path)) return undefined;
    const found = isMillrace(args.path) ? undefined : await resolve(args);
    const isFound = found?.errors.length === 0;
    if (isFound && (found.external || found.namespace !== "file" || !isLeftToNode(projectRoot, found.path, kind))) {
      return { path: found.path, external: found.external, namespace: found.namespace };
    }
    if (!isFound && args.path.includes(":")) return undefined;
    const external = describeExternal(args.path, pathFromRoot(projectRoot, args.importer), kind);
    externals.set(external.id, external);
    if (isFound) resolutions.set(external.id, found.path);
    return { path: externalPrefix + external.id, external: true };
  });
  return { externals, resolutions };
}

/** Marks questions of our own, which are for esbuild to answer. */
const asked = Symbol("asked");

/**
 * Asks esbuild, at some 2 ms a question, once for all files for which the answer has to be the same: those with the
 * same tsconfig.json, the same package.json and the same folder of the package.
 */
function sharedResolve(build: Esbuild.PluginBuild): (args: Esbuild.OnResolveArgs) => Promise<Esbuild.ResolveResult> {
  const answers = new Map<string, Promise<Esbuild.ResolveResult>>();
  return ({ path, kind, importer, resolveDir, with: attributes }) => {
    const decisive = ["tsconfig.json", "package.json", `node_modules/${packageName(path) ?? ""}`].map((name) => findUpward(resolveDir, name));
    const question = JSON.stringify([path, kind, attributes, decisive]);
    const answer = answers.get(question) ?? build.resolve(path, { kind, importer, resolveDir, with: attributes, pluginData: asked });
    answers.set(question, answer);
    return answer;
  };
}

const importKinds: Partial<Record<Esbuild.ImportKind, ImportKind>> = {
  "import-statement": "import",
  "dynamic-import": "dynamic-import",
  "require-call": "require",
};

/** The id depends on the import alone, not on the order in which esbuild asks. */
function describeExternal(specifier: string, importer: string, kind: ImportKind): ExternalImport {
  const id = createHash("sha256").update([kind, importer, specifier].join("\0")).digest("hex").slice(0, 16);
  return { id, specifier, importer, kind };
}

/** Installed code that Node can load as it is; TypeScript and imported JSON in packages have to be bundled. */
function isLeftToNode(projectRoot: string, file: string, kind: ImportKind): boolean {
  if (!isInstalled(projectRoot, file)) return false;
  const extension = extname(file);
  if (/^\.[cm]?tsx?$/.test(extension)) return false;
  return extension !== ".json" || kind === "require";
}
