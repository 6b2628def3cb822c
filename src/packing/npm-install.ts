import { spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { messageOf, MillraceError } from "../core/errors/millrace-error.js";
import { formatPlatform, ownPlatform, type Platform } from "./platform.js";

/** Packages to be installed together, in a folder of their own. */
export interface Installation {
  /** Names and versions or ranges, as in package.json. */
  readonly packages: Readonly<Record<string, string>>;
  /** As `overrides` in package.json. */
  readonly overrides?: Readonly<Record<string, string>>;
  /** For whom; absent: this machine. */
  readonly platform?: Platform;
  /** What wants them, for messages: `@npm of the step score`. */
  readonly wantedBy: string;
}

export interface InstallPlace {
  /** Where installed folders are kept, absolute; made if need be. */
  readonly cacheDir: string;
  /** Its `.npmrc` says which registry is asked. */
  readonly projectRoot: string;
  /** What npm finds in its environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** An installed folder: it has `node_modules`. */
export interface InstalledFolder {
  readonly folder: string;
  /** Tells it from others: of what was asked for. */
  readonly key: string;
}

/**
 * Installs packages by npm, once for all who ask for the same: what is there needs neither npm nor a network. Two at once do it both,
 * and one of the two is kept.
 * @throws MillraceError `npm-missing`, `npm-failed`.
 */
export async function installPackages(
  { packages: given, overrides, platform, wantedBy }: Installation,
  place: InstallPlace,
): Promise<InstalledFolder> {
  const packages = inPlace(given, place.projectRoot);
  const own = ownPlatform();
  const target = platform ?? own;
  const isOwn = formatPlatform(target) === formatPlatform(own);
  const asked = {
    packages: sorted(packages),
    overrides: sorted(overrides ?? {}),
    platform: formatPlatform(target),
    ...(isOwn && { abi: process.versions.modules }),
  };
  const key = createHash("sha256").update(JSON.stringify(asked)).digest("hex").slice(0, 24);
  const root = join(place.cacheDir, "npm");
  const folder = join(root, key);
  if (existsSync(folder)) return { folder, key };
  const partial = join(root, `partial-${randomUUID()}`);
  try {
    mkdirSync(partial, { recursive: true });
    writeFileSync(join(partial, "package.json"), JSON.stringify({ private: true, dependencies: packages, overrides }));
    const settings = join(place.projectRoot, ".npmrc");
    const copied = join(partial, ".npmrc");
    if (existsSync(settings)) copyFileSync(settings, copied);
    await runNpm(
      isOwn ? [] : platformOptions(target),
      { cwd: partial, env: isOwn ? place.env : { ...place.env, ...platformVariables(target) } },
      { packages, wantedBy },
    );
    // It may hold tokens.
    rmSync(copied, { force: true });
    keep(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return { folder, key };
}

/** Packages in files of the project (`file:vendor/x.tgz`) are found from there. */
function inPlace(packages: Installation["packages"], projectRoot: string): Installation["packages"] {
  const entries = Object.entries(packages).map(([name, range]) => [
    name,
    range.startsWith("file:") ? `file:${resolve(projectRoot, range.slice(5))}` : range,
  ]);
  return Object.fromEntries(entries) as Installation["packages"];
}

/** Moves a folder to its name, unless another process has been faster. */
function keep(partial: string, folder: string): void {
  try {
    renameSync(partial, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

interface Wanted {
  readonly packages: Readonly<Record<string, string>>;
  readonly wantedBy: string;
}

async function runNpm(
  options: readonly string[],
  place: { readonly cwd: string; readonly env: InstallPlace["env"] },
  { packages, wantedBy }: Wanted,
): Promise<void> {
  const names = Object.entries(packages).map(([name, range]) => `${name}@${range}`);
  // Warnings say nothing about these packages.
  const args = ["install", "--no-audit", "--no-fund", "--install-links", "--ignore-scripts=false", "--loglevel=error", ...options];
  const child = spawn("npm", args, { ...place, stdio: ["ignore", "pipe", "pipe"], shell: process.platform === "win32" });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const code = await new Promise<number | null>((done, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "ENOENT" ? new MillraceError("npm-missing", { packages: names, wantedBy }) : failed(names, wantedBy, messageOf(error)));
    });
    child.once("close", done);
  });
  if (code !== 0) throw failed(names, wantedBy, reasonIn(printed) || `npm ended with exit code ${code}`);
}

function failed(packages: readonly string[], wantedBy: string, reason: string): MillraceError {
  const isOffline = /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED)\b/.test(reason);
  return new MillraceError("npm-failed", { packages, wantedBy, reason, isOffline });
}

/** What npm says is wrong, without its marks and where its log is. */
function reasonIn(printed: string): string {
  const lines = printed.split("\n").flatMap((line) => {
    const text = /^npm (?:error|ERR!) ?(.*)$/.exec(line)?.[1]?.trim();
    return text === undefined || text === "" || /complete log of this run/.test(text) || text.endsWith("-debug-0.log") ? [] : [text];
  });
  return (lines.length === 0 ? printed.trim().split("\n").slice(-5) : lines.slice(0, 6)).join("\n");
}

function platformOptions({ os, cpu, libc }: Platform): string[] {
  return [`--os=${os}`, `--cpu=${cpu}`, ...(os === "linux" ? [`--libc=${libc}`] : [])];
}

/** What scripts of packages that fetch an addon go by (prebuild-install, node-pre-gyp). */
function platformVariables({ os, cpu, libc }: Platform): Readonly<Record<string, string>> {
  return {
    npm_config_platform: os,
    npm_config_arch: cpu,
    npm_config_target_platform: os,
    npm_config_target_arch: cpu,
    ...(libc === "musl" && { npm_config_libc: "musl" }),
  };
}

function sorted(record: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
