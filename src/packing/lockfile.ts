import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { foldersUpward } from "../bundle/project-root.js";
import type { InstalledPackage } from "./installed-package.js";
import { findWorkspace, isWithin } from "./travel-root.js";

/** Says which versions a project has chosen. */
export interface Lockfile {
  /** `package-lock.json`. */
  readonly name: string;
  readonly text: string;
}

/** A package whose installed version is none that the lockfile has. */
export interface UnlockedPackage {
  readonly name: string;
  readonly installed: string;
  /** What the lockfile says, at least one. */
  readonly locked: readonly string[];
  /** `pnpm-lock.yaml`. */
  readonly lockfile: string;
}

const NAMES = ["npm-shrinkwrap.json", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"];

/** The lockfile of a project, or of the workspace it belongs to. */
export function findLockfile(projectRoot: string): Lockfile | undefined {
  const workspace = findWorkspace(projectRoot);
  for (const folder of foldersUpward(projectRoot)) {
    if (!isWithin(workspace, folder)) return undefined;
    const file = NAMES.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (file !== undefined) return readLockfile(file);
  }
  return undefined;
}

/** Undefined when there is none. */
export function readLockfile(file: string): Lockfile | undefined {
  try {
    return { name: basename(file), text: readFileSync(file, "utf8") };
  } catch {
    return undefined;
  }
}

/** Which packages are installed in other versions than the lockfile's: `npm ci` was forgotten after it changed. */
export function findUnlocked(lockfile: Lockfile, packages: Iterable<InstalledPackage>): readonly UnlockedPackage[] {
  const versionsOf = lockfile.name.endsWith(".json") ? versionsInJson(lockfile.text) : (name: string) => versionsInText(lockfile.text, name);
  const found = new Map<string, UnlockedPackage>();
  for (const { name, version } of packages) {
    const locked = versionsOf(name);
    if (locked.length === 0 || locked.includes(version)) continue;
    found.set(`${name}@${version}`, { name, installed: version, locked, lockfile: lockfile.name });
  }
  return [...found.values()];
}

/** npm's: `packages` has an entry a folder, `node_modules/a/node_modules/b`, by another name than the folder's in `name`. */
function versionsInJson(text: string): (name: string) => readonly string[] {
  const versions = new Map<string, string[]>();
  for (const [path, entry] of Object.entries(packagesOf(text))) {
    const folder = path.split("node_modules/").at(-1) ?? "";
    const name = typeof entry["name"] === "string" ? entry["name"] : folder;
    if (typeof entry["version"] === "string" && path !== "") versions.set(name, [...(versions.get(name) ?? []), entry["version"]]);
  }
  return (name) => versions.get(name) ?? [];
}

type LockedEntry = Readonly<Record<string, unknown>>;

function packagesOf(text: string): Readonly<Record<string, LockedEntry>> {
  try {
    const { packages } = JSON.parse(text) as { readonly packages?: Readonly<Record<string, LockedEntry>> };
    return packages ?? {};
  } catch {
    return {};
  }
}

/**
 * The other lockfiles name each package with its version: `sharp@0.33.5` (pnpm, bun), `/sharp/0.33.5` (older pnpm), `sharp@npm:0.33.5`
 * (yarn), or, in yarn 1, on two lines: `sharp@^0.33.0:` and `version "0.33.5"`.
 */
function versionsInText(text: string, name: string): readonly string[] {
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const inOne = new RegExp(String.raw`(?<=^|[\s"'/])${escaped}(?:@(?:npm:)?|/)(\d[\w.+-]*?)(?=[\s"':(,]|_|$)`, "gm");
  const onTwo = new RegExp(String.raw`^"?(?:[^\n]*, )?"?${escaped}@[^\n]*:\n {2}version:? "?([^"\n]+)"?$`, "gm");
  return [...new Set([...text.matchAll(inOne), ...text.matchAll(onTwo)].flatMap(([, version]) => version ?? []))];
}
