import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { withBundler } from "../bundle/esbuild.js";
import type { CodePackage } from "../bundle/code-package.js";
import { resolveExternals } from "../bundle/external-resolution.js";
import { isMillrace } from "../bundle/package-name.js";
import type { GraphStep } from "../core/graph.js";
import { collectAssets, type LeftOut } from "./assets.js";
import type { InstallPlace } from "./npm-install.js";
import { filesInstalled, filesOfPackages } from "./package-files.js";
import { installStepPackages, placeOfPackages, targetsThere, type StepPackages } from "./step-packages.js";
import { fitToPlatform } from "./target-packages.js";
import { makeRemoteBundle, unpackedTarget } from "./remote-bundle.js";
import { BUNDLE_FOLDER } from "./remote-imports.js";
import type { Platform } from "./platform.js";
import { tarOf, type ArchiveFile } from "./tar.js";
import { findTravelRoot, type TravelRoot } from "./travel-root.js";

export interface PackRequest {
  readonly code: CodePackage;
  /** Absolute. */
  readonly projectRoot: string;
  /** The folder that steps work in, absolute. */
  readonly cwd: string;
  /** `--package-suffixes`. */
  readonly suffixes: readonly string[];
  /** Names of packages that are not to be bundled. */
  readonly external: readonly string[];
  /** What the jobs run on. */
  readonly target: Platform;
  /** The steps that run elsewhere. */
  readonly steps: readonly GraphStep[];
  /** Where packages are installed; made if need be. */
  readonly cacheDir: string;
  /** What npm finds in its environment. */
  readonly env: InstallPlace["env"];
}

/** A flow's own archives. */
export interface PackedFlow {
  readonly root: TravelRoot;
  /** The executable bundle in the unpacked folder. */
  readonly bundle: string;
  readonly archives: readonly PackedArchive[];
  /** By step: the packages of its `@npm`. */
  readonly stepArchives: ReadonlyMap<string, PackedArchive>;
  /** Files of the flow's own code in the bundle, relative to the project's root. */
  readonly modules: readonly string[];
  /** Packages in the bundle. */
  readonly bundled: readonly string[];
  /** Why packages travel as files, by name. */
  readonly unbundled: ReadonlyMap<string, string>;
  readonly leftOut: readonly LeftOut[];
}

/** An archive that is made here. */
export interface PackedArchive {
  readonly name: "flow" | "dependencies" | "packages";
  readonly tar: Uint8Array;
  /** SHA-256 (hex) of it. */
  readonly sha256: string;
  readonly files: readonly PackedFile[];
}

export interface PackedFile {
  readonly path: string;
  readonly bytes: number;
}

/**
 * Packs what a flow needs on another machine beside the runtime: its bundle and assets, and the packages that cannot be bundled.
 * @throws MillraceError `bundler-failed`, `package-foreign`, and those of an installation for the target.
 */
export async function packFlow(request: PackRequest): Promise<PackedFlow> {
  const { code, target } = request;
  const { modules } = code.manifest;
  const projectRoot = realpathSync(request.projectRoot);
  const root = findTravelRoot(projectRoot, modules, request.cwd);
  const [bundle, packagesOfSteps] = await withBundler(async () => {
    const ofSteps = await installStepPackages(request.steps, code, { ...request, platform: target });
    const files = await filesOfExternals(code, projectRoot);
    const stepTargets = targetsThere(ofSteps, code, unpackedTarget);
    return [await makeRemoteBundle({ ...request, projectRoot, root, files, stepTargets }), ofSteps] as const;
  });
  const assets = collectAssets(root, modules, request.suffixes);
  const path = `${BUNDLE_FOLDER}/flow.mjs`;
  const own = [textFile(path, bundle.code), textFile(`${path}.map`, bundle.map), ...assets.files];
  const layout = await fitToPlatform(bundle.layout, target, request);
  const packages = filesOfPackages(layout);
  return {
    root,
    bundle: path,
    archives: [packArchive("flow", own), ...(packages.length === 0 ? [] : [packArchive("dependencies", packages)])],
    stepArchives: archivesOfSteps(packagesOfSteps),
    modules,
    bundled: bundle.bundled,
    unbundled: bundle.reasons,
    leftOut: assets.leftOut,
  };
}

/** Steps with the same packages share an archive. */
function archivesOfSteps(packages: readonly StepPackages[]): ReadonlyMap<string, PackedArchive> {
  const byKey = new Map<string, PackedArchive>();
  return new Map(
    packages.map(({ step, key, folder }) => {
      const archive = byKey.get(key) ?? packArchive("packages", filesInstalled(folder, placeOfPackages(key)));
      byKey.set(key, archive);
      return [step, archive] as const;
    }),
  );
}

/** What the flow's imports of packages resolve to: as it was found when it was bundled, or, for code of an earlier run, as it is now. */
async function filesOfExternals(code: CodePackage, projectRoot: string): Promise<ReadonlyMap<string, string>> {
  const known = code.resolutions ?? new Map<string, string>();
  const open = code.manifest.externals.filter(({ id, specifier }) => !known.has(id) && !isMillrace(specifier));
  return new Map([...known, ...(await resolveExternals(open, { projectRoot, fallbackDirs: [] }))]);
}

export function packArchive(name: PackedArchive["name"], files: readonly ArchiveFile[]): PackedArchive {
  const tar = tarOf(files);
  return {
    name,
    tar,
    sha256: createHash("sha256").update(tar).digest("hex"),
    files: files.map(({ path, content }) => ({ path, bytes: content.length })),
  };
}

function textFile(path: string, text: string): ArchiveFile {
  return { path, content: Buffer.from(text) };
}
