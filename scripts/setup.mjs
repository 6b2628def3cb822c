// @ts-check
// What `npm test` and `npm run demo` do first on a fresh clone: install the packages of package-lock.json, then build.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build, root, run } from "./build.mjs";

/**
 * Installs and builds what is missing or out of date.
 * @param {{ readonly types: boolean }} options whether declarations are needed
 */
export async function setUp({ types }) {
  requireNode(20, 19);
  if (!(await isInstalled())) {
    console.log("installing packages");
    // Not `npm ci`: it refuses a lock file that lacks some platform's optional package, and registries do not all have all of those.
    const args = ["install", "--no-save", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
    await run("npm", args, { shell: process.platform === "win32" });
  }
  await build({ types });
}

/**
 * @param {number} major
 * @param {number} minor
 */
function requireNode(major, minor) {
  const [haveMajor = 0, haveMinor = 0] = process.versions.node.split(".").map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  throw new Error(`millrace needs Node ${major}.${minor} or newer; this is ${process.version} (${process.execPath})`);
}

/** Whether node_modules holds what package-lock.json says; packages for other platforms may be absent. */
async function isInstalled() {
  const installedFile = join(root, "node_modules/.package-lock.json");
  if (!existsSync(installedFile)) return false;
  const wanted = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(await readFile(installedFile, "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === "" || installed[path]?.version === version || (optional && installed[path] === undefined),
  );
}
