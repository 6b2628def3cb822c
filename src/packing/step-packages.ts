import { pathToFileURL } from "node:url";
import type { CodePackage, ExternalImport } from "../bundle/code-package.js";
import { resolveExternals } from "../bundle/external-resolution.js";
import { packageName } from "../bundle/package-name.js";
import { pathFromRoot } from "../bundle/source-path.js";
import type { GraphStep } from "../core/graph.js";
import { installPackages, type InstalledFolder, type InstallPlace } from "./npm-install.js";
import { packagesOf } from "./named-packages.js";
import type { Platform } from "./platform.js";

/** Packages of one step's `@npm`, installed. */
export interface StepPackages extends InstalledFolder {
  readonly step: string;
  /** Files of the flow's imports in it, by the external's id. */
  readonly files: ReadonlyMap<string, string>;
}

/** By external and step, what it is imported as, as an expression in the bundle. */
export type StepTargets = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Installs what the steps' `@npm` name, steps with the same packages once, and finds what the flow imports of it.
 * @param platform Of the machine that runs the steps; absent: this one.
 * @throws MillraceError `npm-missing`, `npm-failed`
 */
export async function installStepPackages(
  steps: readonly GraphStep[],
  code: CodePackage,
  { platform, ...place }: InstallPlace & { readonly platform?: Platform },
): Promise<readonly StepPackages[]> {
  const wanted = steps.flatMap((step) => {
    const packages = packagesOf(step);
    return packages === undefined ? [] : [{ step: step.name, packages }];
  });
  return Promise.all(
    wanted.map(async ({ step, packages }) => {
      const wantedBy = `@npm of the step ${step}`;
      const installed = await installPackages({ packages, wantedBy, ...(platform !== undefined && { platform }) }, place);
      return { ...installed, step, files: await importsFrom(installed.folder, importsOf(code, packages)) };
    }),
  );
}

/** Imports of packages that can differ from step to step: those that are looked up when they run. */
function importsOf({ manifest }: CodePackage, packages: Readonly<Record<string, string>>): readonly ExternalImport[] {
  return manifest.externals.filter(({ kind, specifier }) => kind !== "import" && Object.hasOwn(packages, packageName(specifier) ?? ""));
}

async function importsFrom(folder: string, imports: readonly ExternalImport[]): Promise<ReadonlyMap<string, string>> {
  return resolveExternals(
    imports.map((external) => ({ ...external, importer: "flow.mjs" })),
    { projectRoot: folder, fallbackDirs: [] },
  );
}

/** What the imports are in a bundle for this machine. */
export function targetsHere(packages: readonly StepPackages[], code: CodePackage): StepTargets {
  return targets(packages, code, (file, kind) => JSON.stringify(kind === "require" ? file : pathToFileURL(file).href));
}

/** What they are where the packages stand in the unpacked folder. */
export function targetsThere(
  packages: readonly StepPackages[],
  code: CodePackage,
  target: (path: string, kind: ExternalImport["kind"]) => string,
): StepTargets {
  return targets(packages, code, (file, kind, { key, folder }) => target(`${placeOfPackages(key)}/${pathFromRoot(folder, file)}`, kind));
}

/** The folder of a step's packages in the unpacked one. */
export function placeOfPackages(key: string): string {
  return `.npm/${key}`;
}

function targets(
  packages: readonly StepPackages[],
  { manifest }: CodePackage,
  target: (file: string, kind: ExternalImport["kind"], from: StepPackages) => string,
): StepTargets {
  const all = new Map<string, Map<string, string>>();
  for (const { id, kind } of manifest.externals) {
    const bySteps = packages.flatMap((from) => {
      const file = from.files.get(id);
      return file === undefined ? [] : [[from.step, target(file, kind, from)] as const];
    });
    if (bySteps.length > 0) all.set(id, new Map(bySteps));
  }
  return all;
}
