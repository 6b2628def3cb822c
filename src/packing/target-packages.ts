import { realpathSync } from "node:fs";
import { dependencyNames, findPackage, type InstalledPackage } from "./installed-package.js";
import { installPackages, type InstallPlace } from "./npm-install.js";
import { foreignPackages, requireFitting } from "./package-files.js";
import { layOutPackages, type PackageLayout } from "./package-layout.js";
import { formatPlatform, isFor, ownPlatform, type Platform } from "./platform.js";

/**
 * Laid out packages as the jobs' platform needs them: as they are at home, if that fits; else those with parts of other platforms are
 * installed anew, in the same versions, and take the places of the others.
 * @throws MillraceError `package-foreign` for addons that exist for no other platform than this, `npm-missing`, `npm-failed`.
 */
export async function fitToPlatform(layout: PackageLayout, target: Platform, place: InstallPlace): Promise<PackageLayout> {
  if (formatPlatform(target) === formatPlatform(ownPlatform())) {
    requireFitting(layout, target);
    return layout;
  }
  const places = new Map([...layout.packages].filter(([, found]) => isBound(found, target)));
  if (places.size === 0) return layout;
  const fitted = new Map(layout.packages);
  for (const [at, found] of places) {
    const installed = await installFor(found, layout, target, place);
    for (const [below, other] of installed.packages) {
      const position = below === `node_modules/${found.name}` ? at : `${at}/${below}`;
      // What they depend on stays as it is at home, but for the parts that home does not have.
      if (position === at || !hasAtHome(layout, at, other)) fitted.set(position, other);
    }
  }
  const result = { packages: fitted, places: layout.places };
  requireFitting(result, target);
  return result;
}

/** Whether a package is another one on another platform: it has addons for others alone, or parts that are made for one. */
function isBound(found: InstalledPackage, target: Platform): boolean {
  if (foreignPackages({ packages: new Map([["", found]]) }, target).length > 0) return true;
  const optional = found.manifest["optionalDependencies"];
  if (typeof optional !== "object" || optional === null) return false;
  const parts = dependencyNames(found).flatMap((name) => (Object.hasOwn(optional, name) ? (findPackage(name, found.folder) ?? []) : []));
  return parts.some(({ manifest }) => !isFor(manifest, target));
}

async function installFor(found: InstalledPackage, layout: PackageLayout, target: Platform, place: InstallPlace): Promise<PackageLayout> {
  const versions = new Map<string, Set<string>>();
  for (const { name, version } of layout.packages.values()) versions.set(name, (versions.get(name) ?? new Set()).add(version));
  // What has one version at home gets this one.
  const overrides = [...versions].flatMap(([name, known]) => (known.size === 1 && name !== found.name ? [[name, [...known][0] ?? ""]] : []));
  const { folder } = await installPackages(
    {
      packages: { [found.name]: found.version },
      overrides: Object.fromEntries(overrides) as Record<string, string>,
      platform: target,
      wantedBy: `jobs on ${formatPlatform(target)}`,
    },
    place,
  );
  const installed = findPackage(found.name, realpathSync(folder));
  return layOutPackages(installed === undefined ? [] : [installed], ({ manifest }) => isFor(manifest, target));
}

function hasAtHome({ packages }: PackageLayout, at: string, { name, version }: InstalledPackage): boolean {
  return [...packages].some(
    ([position, found]) => found.name === name && found.version === version && (position === `node_modules/${name}` || position.startsWith(at)),
  );
}
