import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { readLockfile, type Lockfile } from "./lockfile.js";
import { packArchive, type PackedArchive } from "./packed-archive.js";
import { filesInstalled, filesOfPackages, type FileOnDisk } from "./package-files.js";
import type { PackageLayout } from "./package-layout.js";
import { formatPlatform, ownPlatform, type Platform } from "./platform.js";
import { placeOfPackages, type StepPackages } from "./step-packages.js";
import { archiveFile } from "./folder-walk.js";

/** Packages that go as files, not yet packed. */
export interface TravellingPackages {
  readonly name: "dependencies" | "packages";
  /**
   * Tells what would be packed, by lockfile and platform: equal on all machines that have the same installed, for the same jobs. Undefined
   * where no lockfile says what is installed.
   */
  readonly key: string | undefined;
  /** @throws MillraceError `package-foreign`, and those of an installation for the target. */
  readonly pack: () => Promise<PackedArchive>;
}

/**
 * Packages of the project.
 * @param fit Makes of the layout what the target needs.
 */
export function projectPackages(
  layout: PackageLayout,
  { lockfile, target, fit }: { readonly lockfile: Lockfile | undefined; readonly target: Platform; readonly fit: () => Promise<PackageLayout> },
): TravellingPackages {
  return {
    name: "dependencies",
    key: keyOf(hasLinks(layout) ? undefined : lockfile, filesOfPackages(layout), target),
    pack: async () => packFiles("dependencies", filesOfPackages(await fit())),
  };
}

/** What is linked from elsewhere is in no lockfile. */
function hasLinks({ packages }: PackageLayout): boolean {
  return [...packages.values()].some(({ folder }) => !folder.includes(`${sep}node_modules${sep}`));
}

/** Packages of a step's `@npm`. */
export function packagesOfStep({ key, folder }: StepPackages, target: Platform): TravellingPackages {
  const files = filesInstalled(folder, placeOfPackages(key));
  return {
    name: "packages",
    key: keyOf(readLockfile(join(folder, "package-lock.json")), files, target),
    pack: async () => packFiles("packages", files),
  };
}

function packFiles(name: TravellingPackages["name"], files: readonly FileOnDisk[]): PackedArchive {
  return packArchive(
    name,
    files.map(({ file, path }) => archiveFile(file, path)),
  );
}

/** Larger files are known by their size: they are addons and data, which nobody edits in place. */
const READ_BYTES = 256 * 1024;

/**
 * Beside the lockfile, what is installed has a say: installation scripts, patches and edits by hand change files, and a lockfile may be newer than
 * what is installed. Addons that were compiled here are for this Node.
 */
function keyOf(lockfile: Lockfile | undefined, files: readonly FileOnDisk[], target: Platform): string | undefined {
  if (lockfile === undefined) return undefined;
  const hash = createHash("sha256");
  const platforms = [target, ownPlatform()].map(formatPlatform);
  hash.update(JSON.stringify([FORMAT, platforms, process.versions.modules, lockfile.text]));
  for (const { file, path } of files) {
    const { size, mode } = statSync(file);
    hash.update(JSON.stringify([path, size, mode & 0o100]));
    if (size <= READ_BYTES) hash.update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** Of the archives: one that packs otherwise has others. */
const FORMAT = 1;
