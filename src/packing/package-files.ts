import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { MillraceError } from "../core/errors/millrace-error.js";
import { filesBelow } from "./folder-walk.js";
import type { InstalledPackage } from "./installed-package.js";
import type { PackageLayout } from "./package-layout.js";
import { elfCpu, formatPlatform, type Platform } from "./platform.js";

/** What nothing reads at run time: declarations, source maps, what compilers left. */
const needless = /\.(?:d\.[cm]?ts|map|tsbuildinfo|o|a|obj|pdb|target\.mk)$/;
const needlessFolder = /^(?:\.git|obj\.target|\.deps)$/;

/** A file that travels, not yet read. */
export interface FileOnDisk {
  /** Absolute. */
  readonly file: string;
  /** In the archive. */
  readonly path: string;
}

/** All files of laid out packages. */
export function filesOfPackages({ packages }: PackageLayout): FileOnDisk[] {
  return [...packages].flatMap(([place, { folder }]) =>
    packageFilePaths(folder).map((path) => ({ file: join(folder, path), path: `${place}/${path}` })),
  );
}

/** All that npm has installed in a folder, for a place in the unpacked one. */
export function filesInstalled(folder: string, place: string): FileOnDisk[] {
  const modules = join(folder, "node_modules");
  const paths = filesBelow(modules, ({ name, path, kind }) =>
    kind === "folder" ? !path.startsWith(".") && !needlessFolder.test(name) : kind === "file" && !path.startsWith(".") && !needless.test(name),
  );
  return paths.map((path) => ({ file: join(modules, path), path: `${place}/node_modules/${path}` }));
}

function packageFilePaths(folder: string): string[] {
  return filesBelow(folder, ({ name, path, kind }) => {
    if (kind === "folder") return path !== "node_modules" && !needlessFolder.test(name);
    return !needless.test(name) && (kind === "file" || (statSync(join(folder, path), { throwIfNoEntry: false })?.isFile() ?? false));
  });
}

/**
 * Packages whose native addons are all made for other machines.
 * A package may bring addons for many; one that fits is enough.
 */
export function foreignPackages({ packages }: Pick<PackageLayout, "packages">, target: Platform): InstalledPackage[] {
  return [...packages.values()].filter(({ folder }) => {
    const addons = packageFilePaths(folder).filter((path) => path.endsWith(".node"));
    return addons.length > 0 && !addons.some((path) => elfCpu(readFileSync(join(folder, path))) === target.cpu);
  });
}

/** @throws MillraceError `package-foreign` when addons are made for other machines. */
export function requireFitting(layout: PackageLayout, target: Platform): void {
  const foreign = foreignPackages(layout, target);
  if (foreign.length === 0) return;
  throw new MillraceError("package-foreign", { packages: foreign.map(({ name }) => name), platform: formatPlatform(target) });
}
