import { realpathSync } from "node:fs";
import { withBundler } from "../bundle/esbuild.js";
import type { CodePackage } from "../bundle/code-package.js";
import { resolveExternals } from "../bundle/external-resolution.js";
import { isMillrace } from "../bundle/package-name.js";
import type { GraphStep } from "../core/graph.js";
import { collectAssets, type LeftOut } from "./assets.js";
import { findLockfile, findUnlocked, type UnlockedPackage } from "./lockfile.js";
import type { InstallPlace } from "./npm-install.js";
import { packArchive, type PackedArchive } from "./packed-archive.js";
import type { PackageLayout } from "./package-layout.js";
import { installStepPackages, targetsThere, type StepPackages } from "./step-packages.js";
import { fitToPlatform } from "./target-packages.js";
import { makeRemoteBundle, unpackedTarget } from "./remote-bundle.js";
import { BUNDLE_FOLDER } from "./remote-imports.js";
import type { Platform } from "./platform.js";
import type { ArchiveFile } from "./tar.js";
import { findTravelRoot, type TravelRoot } from "./travel-root.js";
import { packagesOfStep, projectPackages, type TravellingPackages } from "./travelling-packages.js";

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

/** What a flow needs elsewhere, its packages not yet packed. */
export interface PreparedFlow {
  readonly root: TravelRoot;
  /** The executable bundle in the unpacked folder. */
  readonly bundle: string;
  /** The flow's code and files. */
  readonly own: PackedArchive;
  /** Packages that cannot be bundled; undefined when there are none. */
  readonly dependencies: TravellingPackages | undefined;
  /** By step: the packages of its `@npm`. Steps with the same packages share them. */
  readonly stepPackages: ReadonlyMap<string, TravellingPackages>;
  /** Files of the flow's own code in the bundle, relative to the project's root. */
  readonly modules: readonly string[];
  /** Packages in the bundle. */
  readonly bundled: readonly string[];
  /** Why packages travel as files, by name. */
  readonly unbundled: ReadonlyMap<string, string>;
  /** Of those, and what they depend on: what is installed in other versions than the lockfile's. */
  readonly unlocked: readonly UnlockedPackage[];
  readonly leftOut: readonly LeftOut[];
}

/** All archives of a flow's own. */
export interface PackedFlow extends Omit<PreparedFlow, "own" | "dependencies" | "stepPackages"> {
  readonly archives: readonly PackedArchive[];
  /** By step: the packages of its `@npm`. */
  readonly stepArchives: ReadonlyMap<string, PackedArchive>;
}

/**
 * Makes what a flow needs on another machine beside the runtime: its bundle and assets, and the packages that cannot be bundled.
 * @throws MillraceError `bundler-failed`, and those of an installation for the target.
 */
export async function prepareFlow(request: PackRequest): Promise<PreparedFlow> {
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
  const { layout } = bundle;
  const lockfile = findLockfile(projectRoot);
  const fit = (): Promise<PackageLayout> => fitToPlatform(layout, target, request);
  return {
    root,
    bundle: path,
    own: packArchive("flow", [textFile(path, bundle.code), textFile(`${path}.map`, bundle.map), ...assets.files]),
    dependencies: layout.packages.size === 0 ? undefined : projectPackages(layout, { lockfile, target, fit }),
    stepPackages: byStep(packagesOfSteps, target),
    modules,
    bundled: bundle.bundled,
    unbundled: bundle.reasons,
    unlocked: lockfile === undefined ? [] : findUnlocked(lockfile, layout.packages.values()),
    leftOut: assets.leftOut,
  };
}

/**
 * Packs all of it.
 * @throws MillraceError `package-foreign`, and those of {@link prepareFlow}
 */
export async function packFlow(request: PackRequest): Promise<PackedFlow> {
  const { own, dependencies, stepPackages, ...about } = await prepareFlow(request);
  const packed = new Map<TravellingPackages, PackedArchive>();
  const stepArchives = new Map<string, PackedArchive>();
  for (const [step, packages] of stepPackages) {
    const archive = packed.get(packages) ?? (await packages.pack());
    packed.set(packages, archive);
    stepArchives.set(step, archive);
  }
  return { ...about, archives: [own, ...(dependencies === undefined ? [] : [await dependencies.pack()])], stepArchives };
}

function byStep(packages: readonly StepPackages[], target: Platform): ReadonlyMap<string, TravellingPackages> {
  const byKey = new Map<string, TravellingPackages>();
  return new Map(
    packages.map((found) => {
      const travelling = byKey.get(found.key) ?? packagesOfStep(found, target);
      byKey.set(found.key, travelling);
      return [found.step, travelling] as const;
    }),
  );
}

/** What the flow's imports of packages resolve to: as it was found when it was bundled, or, for code of an earlier run, as it is now. */
async function filesOfExternals(code: CodePackage, projectRoot: string): Promise<ReadonlyMap<string, string>> {
  const known = code.resolutions ?? new Map<string, string>();
  const open = code.manifest.externals.filter(({ id, specifier }) => !known.has(id) && !isMillrace(specifier));
  return new Map([...known, ...(await resolveExternals(open, { projectRoot, fallbackDirs: [] }))]);
}

function textFile(path: string, text: string): ArchiveFile {
  return { path, content: Buffer.from(text) };
}
