import { dirname } from "node:path";
import { isMillrace } from "../bundle/package-name.js";
import { dependencyNames, findPackage, type InstalledPackage } from "./installed-package.js";

/** Packages and all that they depend on, each at its place in a new folder. */
export interface PackageLayout {
  /** By place: `node_modules/sharp`, `node_modules/sharp/node_modules/semver`. */
  readonly packages: ReadonlyMap<string, InstalledPackage>;
  /** The first place of each, by its folder on this machine. */
  readonly places: ReadonlyMap<string, string>;
}

/**
 * Lays out packages as npm does: at the top unless another version of the name is there, else below the one that needs it.
 * It goes by what is installed, whoever installed it (npm, pnpm with its links, yarn with node_modules): the versions are the
 * lockfile's.
 * @param isWanted Which dependencies come along; of a platform's own only those of the target's.
 */
export function layOutPackages(roots: readonly InstalledPackage[], isWanted: (found: InstalledPackage) => boolean): PackageLayout {
  const packages = new Map<string, InstalledPackage>();
  const places = new Map<string, string>();
  const put = (place: string, found: InstalledPackage): void => {
    packages.set(place, found);
    if (!places.has(found.folder)) places.set(found.folder, place);
  };
  for (const root of roots.toSorted(byName)) {
    const top = `node_modules/${root.name}`;
    if (!packages.has(top)) put(top, root);
    // Two versions that the flow itself imports, from two packages of a workspace.
    else if (!places.has(root.folder)) put(`node_modules/.versions/${root.version}/node_modules/${root.name}`, root);
  }
  // What is put while it is walked is walked as well.
  for (const [place, found] of packages) {
    for (const name of dependencyNames(found)) {
      const dependency = isMillrace(name) ? undefined : findPackage(name, found.folder);
      if (dependency === undefined || !isWanted(dependency)) continue;
      const seen = visible(packages, place, name);
      if (seen?.folder === dependency.folder) continue;
      put(seen === undefined ? `node_modules/${name}` : `${place}/node_modules/${name}`, dependency);
    }
  }
  return { packages, places };
}

/** What a package at a place finds under a name. */
function visible(packages: ReadonlyMap<string, InstalledPackage>, place: string, name: string): InstalledPackage | undefined {
  for (let folder = place; ; folder = dirname(folder)) {
    const found = packages.get(folder === "." ? `node_modules/${name}` : `${folder}/node_modules/${name}`);
    if (found !== undefined || folder === ".") return found;
  }
}

function byName(a: InstalledPackage, b: InstalledPackage): number {
  return a.name === b.name ? (a.folder < b.folder ? -1 : 1) : a.name < b.name ? -1 : 1;
}
