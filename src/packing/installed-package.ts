import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join, sep } from "node:path";
import { foldersUpward } from "../bundle/project-root.js";

/** A package in some node_modules folder. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** Absolute, links followed. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** What package.json says, as far as it is asked. */
export type Manifest = Readonly<Record<string, unknown>>;

/** The package that an installed file belongs to; undefined when it is in none. */
export function packageOfFile(file: string): InstalledPackage | undefined {
  const mark = `${sep}node_modules${sep}`;
  const start = file.lastIndexOf(mark);
  if (start < 0) return undefined;
  const [first = "", second = ""] = file.slice(start + mark.length).split(sep);
  const name = first.startsWith("@") ? join(first, second) : first;
  return readPackage(file.slice(0, start + mark.length) + name);
}

/** The package in a folder; undefined when there is none. */
export function readPackage(folder: string): InstalledPackage | undefined {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
    const { name, version } = manifest;
    return { folder, manifest, name: typeof name === "string" ? name : "", version: typeof version === "string" ? version : "" };
  } catch {
    return undefined;
  }
}

/** A package as code in a folder finds it. */
export function findPackage(name: string, from: string): InstalledPackage | undefined {
  for (const folder of foldersUpward(from)) {
    const path = join(folder, "node_modules", name);
    if (existsSync(join(path, "package.json"))) return readPackage(realpathSync(path));
  }
  return undefined;
}

/** Names of the packages that a package may import; what it can do without is among them. */
export function dependencyNames({ manifest }: InstalledPackage): readonly string[] {
  const groups = ["dependencies", "optionalDependencies", "peerDependencies"].map((group) => manifest[group]);
  return [...new Set(groups.flatMap((group) => (typeof group === "object" && group !== null ? Object.keys(group) : [])))].toSorted();
}
